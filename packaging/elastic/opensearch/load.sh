#!/bin/sh
# Loads everything for Tidewatch into OpenSearch and OpenSearch Dashboards.
#
#   OPENSEARCH_URL=https://os.example.org:9200 DASHBOARDS_URL=https://dashboards.example.org:5601 \
#     ./load.sh -u admin [more options of curl, such as --cacert FILE]
#
# Without DASHBOARDS_URL only the cluster is set up. It reads the files beside it, and needs curl.
set -eu
cd "$(dirname "$0")"
: "${OPENSEARCH_URL:?set OPENSEARCH_URL to the address of OpenSearch}"

# put URL FILE [curl options]: says what it did, and ends the script where that is refused.
put() {
  url=$1 file=$2
  shift 2
  printf 'PUT %s\n' "$url" >&2
  curl -sS --fail-with-body -X PUT -H 'Content-Type: application/json' --data-binary "@$file" "$@" "$url" >&2
  echo >&2
}

put "$OPENSEARCH_URL/_component_template/tidewatch@mappings" ../component-template.json "$@"
put "$OPENSEARCH_URL/_index_template/logs-tidewatch.alert" index-template-alerts.json "$@"
put "$OPENSEARCH_URL/_index_template/metrics-tidewatch.health" index-template-health.json "$@"
for kind in alerts health; do
  # A policy that is there can be changed only by naming its version: then this one is left as it is.
  policy="$OPENSEARCH_URL/_plugins/_ism/policies/tidewatch-$kind"
  curl -sS -f -o /dev/null "$@" "$policy" 2>/dev/null || put "$policy" "ism-$kind.json" "$@"
done

if [ -n "${DASHBOARDS_URL:-}" ]; then
  curl -sS --fail-with-body -X POST -H 'osd-xsrf: true' \
    -F 'file=@../dashboards.ndjson;type=application/ndjson' "$@" \
    "$DASHBOARDS_URL/api/saved_objects/_import?overwrite=true" >&2
  echo >&2
fi
