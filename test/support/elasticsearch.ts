/**
 * A stand-in for the parts of Elasticsearch that shipping meets, with answers in the forms that its
 * reference documents: `_bulk` into data streams, `filter_path`, the root, and the question for one's
 * own privileges. `test/support/elasticsearch.test.ts` has Elastic's own client talk to it.
 *
 * It keeps documents by data stream and `_id`; with a mapping it refuses what the mapping does not
 * take. It is no search engine, and of authentication it knows whether a header is the one it wants.
 * @see https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
 */
import type { IncomingHttpHeaders } from 'node:http'
import { filterPath } from './filter-path.ts'
import { type Mapping, mappingProblems } from './mapping.ts'

export interface ElasticsearchOptions {
  /** The only `Authorization` that it knows; none is needed where it is not given. */
  readonly authorization?: string
  /** Data streams that this credential may write to; all where not given. */
  readonly writable?: readonly string[]
  /** By data stream; documents of others are all taken. */
  readonly mappings?: Readonly<Record<string, Mapping>>
}

export interface EngineAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface EngineRequest {
  readonly method: string
  /** With its query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Not compressed any more. */
  readonly body: string
}

/** What a test wants of one request's items: `none` is taken, `503` has no shard, `429` every second. */
export type ItemFault = 'none' | '429' | '503'

export interface Elasticsearch {
  /** `stream/_id`, and how often it was created. */
  readonly documents: ReadonlyMap<string, object>
  answer(request: EngineRequest, fault?: ItemFault): EngineAnswer
}

type Json = Record<string, unknown>

export function elasticsearch(options: ElasticsearchOptions = {}): Elasticsearch {
  const documents = new Map<string, object>()
  let sequence = 0

  function answer(request: EngineRequest, fault: ItemFault = 'none'): EngineAnswer {
    const url = new URL(request.url, 'http://cluster')
    const filter = url.searchParams.get('filter_path')?.split(',')
    const { status, json } = route(request, url.pathname, fault)
    const isVersioned = /vnd\.elasticsearch\+/.test(request.headers.accept ?? '')
    return {
      status,
      headers: {
        'x-elastic-product': 'Elasticsearch',
        'content-type': isVersioned
          ? 'application/vnd.elasticsearch+json;compatible-with=9'
          : 'application/json',
        ...(status === 401 ? { 'www-authenticate': 'ApiKey' } : {}),
      },
      body: JSON.stringify(filter === undefined ? json : filterPath(json, filter)),
    }
  }

  function route(
    { method, headers, body }: EngineRequest,
    path: string,
    fault: ItemFault,
  ): { status: number; json: Json } {
    const { authorization } = options
    if (authorization !== undefined && headers.authorization !== authorization) {
      const reason =
        headers.authorization === undefined
          ? `missing authentication credentials for REST request [${path}]`
          : `unable to authenticate with provided credentials for REST request [${path}]`
      return failure(401, 'security_exception', reason)
    }
    if (path === '/' && method === 'GET') return { status: 200, json: ROOT }
    if (path === '/_security/user/_has_privileges') return privileges(body)
    const [, stream] = /^(?:\/([^/]+))?\/_bulk$/.exec(path) ?? []
    if (!/\/_bulk$/.test(path) || (method !== 'POST' && method !== 'PUT')) {
      const reason = `no handler found for uri [${path}] and method [${method}]`
      return failure(400, 'illegal_argument_exception', reason)
    }
    return bulk(body, stream === undefined ? undefined : decodeURIComponent(stream), fault)
  }

  function privileges(body: string): { status: number; json: Json } {
    const wanted = JSON.parse(body) as { index: { names: string[]; privileges: string[] }[] }
    const of = (name: string, names: readonly string[]) =>
      Object.fromEntries(names.map((privilege) => [privilege, mayWrite(name)]))
    const names = wanted.index.flatMap((it) => it.names)
    const index = wanted.index.flatMap((it) =>
      it.names.map((name) => [name, of(name, it.privileges)]),
    )
    return {
      status: 200,
      json: {
        username: 'agent',
        has_all_requested: names.every(mayWrite),
        cluster: {},
        index: Object.fromEntries(index),
        application: {},
      },
    }
  }

  const mayWrite = (stream: string): boolean => options.writable?.includes(stream) ?? true

  function bulk(
    body: string,
    stream: string | undefined,
    fault: ItemFault,
  ): { status: number; json: Json } {
    if (body === '') return failure(400, 'parse_exception', 'request body is required')
    if (!body.endsWith('\n')) {
      const reason = 'The bulk request must be terminated by a newline [\\n]'
      return failure(400, 'illegal_argument_exception', reason)
    }
    const rows = body.split('\n').slice(0, -1)
    const items: Json[] = []
    for (let i = 0; i < rows.length; i += 2) {
      const action = actionIn(rows[i] ?? '')
      if (action === undefined || rows[i + 1] === undefined) {
        const reason = `Malformed action/metadata line [${i + 1}], expected START_OBJECT`
        return failure(400, 'illegal_argument_exception', reason)
      }
      const target = action.index ?? stream ?? ''
      const isBusy = fault === '503' || (fault === '429' && i % 4 === 0)
      const result = isBusy ? busy(fault) : take(action, target, rows[i + 1] ?? '')
      items.push({ [action.op]: { _index: backing(target), _id: action.id, ...result } })
    }
    const errors = items.some((item) => 'error' in (Object.values(item)[0] as Json))
    return { status: 200, json: { errors, took: 3, items } }
  }

  function take({ op, id }: Action, stream: string, source: string): Json {
    if (op !== 'create') {
      const reason = 'only write ops with an op_type of create are allowed in data streams'
      return refused(400, 'illegal_argument_exception', reason)
    }
    if (!mayWrite(stream)) {
      const reason = `action [indices:data/write/bulk[s]] is unauthorized for API key on indices [${stream}]`
      return refused(403, 'security_exception', reason)
    }
    const document = parse(source)
    const problem =
      document === undefined
        ? 'failed to parse'
        : document['@timestamp'] === undefined
          ? 'failed to parse: data stream timestamp field [@timestamp] is missing'
          : mappingProblems(document, options.mappings?.[stream])[0]
    if (document === undefined || problem !== undefined) {
      return refused(400, 'document_parsing_exception', `[1:2] ${problem}`)
    }
    const key = `${stream}/${id}`
    if (documents.has(key)) {
      const reason = `[${id}]: version conflict, document already exists (current version [1])`
      return {
        status: 409,
        error: {
          type: 'version_conflict_engine_exception',
          reason,
          index_uuid: 'aAsFqTI0Tc2W0LCWgPNrOA',
          shard: '0',
          index: backing(stream),
        },
      }
    }
    documents.set(key, document)
    return {
      _version: 1,
      result: 'created',
      _shards: { total: 2, successful: 1, failed: 0 },
      _seq_no: sequence++,
      _primary_term: 1,
      status: 201,
    }
  }

  return { documents, answer }
}

interface Action {
  readonly op: string
  readonly id: string
  readonly index?: string
}

const OPERATIONS = ['create', 'index', 'update', 'delete']

function actionIn(line: string): Action | undefined {
  const [op, detail] = Object.entries(parse(line) ?? {})[0] ?? []
  if (op === undefined || !OPERATIONS.includes(op)) return undefined
  const { _id = 'generated', _index } = (detail ?? {}) as { _id?: string; _index?: string }
  return _index === undefined ? { op, id: _id } : { op, id: _id, index: _index }
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Json) : undefined
  } catch {
    return undefined
  }
}

const backing = (stream: string): string => `.ds-${stream}-2026.11.25-000001`

const refused = (status: number, type: string, reason: string): Json => ({
  status,
  error: { type, reason },
})

const busy = (fault: ItemFault): Json =>
  fault === '503'
    ? refused(503, 'unavailable_shards_exception', 'primary shard is not active Timeout: [1m]')
    : refused(
        429,
        'es_rejected_execution_exception',
        'rejected execution of coordinating operation',
      )

/** An error of the request as a whole. */
function failure(status: number, type: string, reason: string): { status: number; json: Json } {
  const cause = { type, reason }
  return { status, json: { error: { root_cause: [cause], ...cause }, status } }
}

const ROOT: Json = {
  name: 'instance-1',
  cluster_name: 'stand-in',
  cluster_uuid: 'QVdtg0jDQmOyDV3ZO7dBZw',
  version: {
    number: '9.5.0',
    build_flavor: 'default',
    build_type: 'docker',
    minimum_wire_compatibility_version: '8.19.0',
    minimum_index_compatibility_version: '8.0.0',
  },
  tagline: 'You Know, for Search',
}
