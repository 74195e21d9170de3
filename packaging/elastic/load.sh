#!/bin/sh
# Loads everything for Tidewatch into Elasticsearch and Kibana. Can be run again: it brings them up to date.
#
#   ES_URL=https://es.example.org:9200 KIBANA_URL=https://kibana.example.org:5601 \
#     ./load.sh -H "Authorization: ApiKey $KEY" [more options of curl, such as --cacert FILE]
#
# Without KIBANA_URL only the cluster is set up. It reads the files beside it, and needs curl.
set -eu
cd "$(dirname "$0")"
: "${ES_URL:?set ES_URL to the address of Elasticsearch}"

# ask METHOD URL [FILE] [curl options]: says what it did, and ends the script where that is refused.
ask() {
  method=$1 url=$2 file=$3
  shift 3
  printf '%s %s\n' "$method" "$url" >&2
  if [ -n "$file" ]; then
    curl -sS --fail-with-body -X "$method" -H 'Content-Type: application/json' --data-binary "@$file" "$@" "$url" >&2
  else
    curl -sS --fail-with-body -X "$method" "$@" "$url" >&2
  fi
  echo >&2
}

for kind in alerts health; do
  ask PUT "$ES_URL/_ilm/policy/tidewatch-$kind" "lifecycle-$kind.json" "$@"
done
ask PUT "$ES_URL/_component_template/tidewatch@mappings" component-template.json "$@"
ask PUT "$ES_URL/_index_template/logs-tidewatch.alert" index-template-alerts.json "$@"
ask PUT "$ES_URL/_index_template/metrics-tidewatch.health" index-template-health.json "$@"
ask PUT "$ES_URL/_index_template/tidewatch-destinations" index-template-destinations.json "$@"

# The definition of a transform cannot be changed: delete it (its index stays) to have it made anew.
if ! curl -sS -f -o /dev/null "$@" "$ES_URL/_transform/tidewatch-destinations" 2>/dev/null; then
  # No index matches before the first alert has come: that is no fault.
  ask PUT "$ES_URL/_transform/tidewatch-destinations?defer_validation=true" transform-destinations.json "$@"
  ask POST "$ES_URL/_transform/tidewatch-destinations/_start" '' "$@"
fi

if [ -n "${KIBANA_URL:-}" ]; then
  ask POST "$KIBANA_URL/api/saved_objects/_import?overwrite=true" '' \
    -H 'kbn-xsrf: true' -F 'file=@dashboards.ndjson;type=application/ndjson' "$@"
  ask POST "$KIBANA_URL/api/detection_engine/rules/_import?overwrite=true" '' \
    -H 'kbn-xsrf: true' -F 'file=@detection-rules.ndjson;type=application/ndjson' "$@"
fi
