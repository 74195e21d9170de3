/**
 * The dashboards for Kibana and OpenSearch Dashboards, as saved objects: what an analyst sees of the
 * alerts, and an administrator of the agents. `dashboards.ndjson` is what this gives.
 *
 * The form is that of Kibana 7.10, from which OpenSearch Dashboards was forked: both import it, and
 * later versions of Kibana bring it up to date as they do. That is why the charts are built of
 * aggregations, and not by Lens.
 */

export interface SavedObject {
  readonly id: string
  readonly type: 'index-pattern' | 'visualization' | 'search' | 'dashboard'
  readonly attributes: Readonly<Record<string, unknown>>
  readonly references: readonly {
    readonly name: string
    readonly type: string
    readonly id: string
  }[]
  readonly migrationVersion: Readonly<Record<string, string>>
}

interface Panel {
  readonly object: SavedObject
  /** In a grid 48 wide. */
  readonly at: readonly [x: number, y: number, width: number, height: number]
}

type Aggregation = Readonly<Record<string, unknown>>

const ALERTS = pattern('tidewatch-alerts', 'logs-tidewatch.alert-*')
const HEALTH = pattern('tidewatch-health', 'metrics-tidewatch.health-*')
const ONLY_ALERTS = 'event.kind : "alert"'

function pattern(id: string, title: string): SavedObject {
  return {
    id,
    type: 'index-pattern',
    attributes: { title, timeFieldName: '@timestamp' },
    references: [],
    migrationVersion: { 'index-pattern': '7.6.0' },
  }
}

const SOURCE = 'kibanaSavedObjectMeta.searchSourceJSON.index'

function source(index: SavedObject, query: string) {
  const searchSourceJSON = JSON.stringify({
    query: { query, language: 'kuery' },
    filter: [],
    indexRefName: SOURCE,
  })
  return {
    meta: { searchSourceJSON },
    references: [{ name: SOURCE, type: index.type, id: index.id }],
  }
}

interface Chart {
  readonly id: string
  readonly title: string
  readonly index: SavedObject
  readonly query?: string
  readonly type: 'metric' | 'table' | 'histogram'
  readonly params?: Aggregation
  readonly aggs: readonly Aggregation[]
}

function chart({ id, title, index, query = '', type, params = {}, aggs }: Chart): SavedObject {
  const { meta, references } = source(index, query)
  return {
    id,
    type: 'visualization',
    attributes: {
      title,
      description: '',
      version: 1,
      uiStateJSON: '{}',
      visState: JSON.stringify({ title, type, params, aggs }),
      kibanaSavedObjectMeta: meta,
    },
    references,
    migrationVersion: { visualization: '7.10.0' },
  }
}

/** Metrics have the ids that the order of a bucket names. */
const metric = (id: string, type: string, field: string, label: string): Aggregation => ({
  ...{ id, enabled: true, type, schema: 'metric' },
  params: { field, customLabel: label },
})

const rows = (field: string, label: string, orderBy = '1', order = 'desc', size = 20) => ({
  ...{ id: '9', enabled: true, type: 'terms', schema: 'bucket' },
  params: {
    field,
    orderBy,
    order,
    size,
    otherBucket: false,
    missingBucket: false,
    customLabel: label,
  },
})

const overTime = (field: string) => [
  {
    ...{ id: '8', enabled: true, type: 'date_histogram', schema: 'segment' },
    params: { field: '@timestamp', interval: 'auto', min_doc_count: 1, extended_bounds: {} },
  },
  {
    ...{ id: '9', enabled: true, type: 'terms', schema: 'group' },
    params: {
      field,
      orderBy: '_key',
      order: 'asc',
      size: 5,
      otherBucket: false,
      missingBucket: false,
    },
  },
]

const TABLE = {
  perPage: 10,
  showPartialRows: false,
  showMetricsAtAllLevels: false,
  showTotal: false,
}

const bars = (label: string): Aggregation => ({
  type: 'histogram',
  grid: { categoryLines: false },
  categoryAxes: [
    {
      ...{ id: 'CategoryAxis-1', type: 'category', position: 'bottom', show: true, style: {} },
      ...{
        scale: { type: 'linear' },
        labels: { show: true, filter: true, truncate: 100 },
        title: {},
      },
    },
  ],
  valueAxes: [
    {
      ...{ id: 'ValueAxis-1', name: 'LeftAxis-1', type: 'value', position: 'left', show: true },
      ...{ style: {}, scale: { type: 'linear', mode: 'normal' } },
      ...{
        labels: { show: true, rotate: 0, filter: false, truncate: 100 },
        title: { text: label },
      },
    },
  ],
  seriesParams: [
    {
      ...{ show: true, type: 'histogram', mode: 'stacked', valueAxis: 'ValueAxis-1' },
      ...{ data: { label, id: '1' }, drawLinesBetweenPoints: true, showCircles: true },
    },
  ],
  addTooltip: true,
  addLegend: true,
  legendPosition: 'right',
  times: [],
  addTimeMarker: false,
  labels: { show: false },
  thresholdLine: { show: false, value: 10, width: 1, style: 'full', color: '#E7664C' },
})

const NUMBERS = {
  addTooltip: true,
  addLegend: false,
  type: 'metric',
  metric: {
    ...{ percentageMode: false, useRanges: false, colorSchema: 'Green to Red' },
    ...{ metricColorMode: 'None', colorsRange: [{ from: 0, to: 10_000 }], invertColors: false },
    ...{
      labels: { show: true },
      style: { bgFill: '#000', bgColor: false, labelColor: false, subText: '', fontSize: 40 },
    },
  },
}

function latestAlerts(): SavedObject {
  const { meta, references } = source(ALERTS, ONLY_ALERTS)
  return {
    id: 'tidewatch-alerts-latest',
    type: 'search',
    attributes: {
      title: 'Tidewatch: latest alerts',
      description: '',
      hits: 0,
      version: 1,
      columns: ['event.risk_score', 'host.name', 'user.name', 'message'],
      sort: [['@timestamp', 'desc']],
      kibanaSavedObjectMeta: meta,
    },
    references,
    migrationVersion: { search: '7.9.3' },
  }
}

function dashboard(id: string, title: string, panels: readonly Panel[]): SavedObject {
  return {
    id,
    type: 'dashboard',
    attributes: {
      title,
      description: '',
      hits: 0,
      version: 1,
      timeRestore: true,
      timeFrom: 'now-7d',
      timeTo: 'now',
      refreshInterval: { pause: true, value: 0 },
      optionsJSON: JSON.stringify({ hidePanelTitles: false, useMargins: true }),
      panelsJSON: JSON.stringify(
        panels.map(({ at: [x, y, w, h] }, i) => ({
          version: '7.10.0',
          gridData: { x, y, w, h, i: `${i}` },
          panelIndex: `${i}`,
          embeddableConfig: {},
          panelRefName: `panel_${i}`,
        })),
      ),
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }),
      },
    },
    references: panels.map(({ object: { type, id } }, i) => ({ name: `panel_${i}`, type, id })),
    migrationVersion: { dashboard: '7.9.3' },
  }
}

type At = Panel['at']

const alertPanel = (at: At, id: string, rest: Omit<Chart, 'id' | 'index' | 'query'>): Panel => ({
  at,
  object: chart({ id: `tidewatch-alerts-${id}`, index: ALERTS, query: ONLY_ALERTS, ...rest }),
})
const healthPanel = (at: At, id: string, rest: Omit<Chart, 'id' | 'index'>): Panel => ({
  at,
  object: chart({ id: `tidewatch-health-${id}`, index: HEALTH, ...rest }),
})
/** A row for each value of the last aggregation, by the first one. */
const table = (title: string, ...aggs: readonly Aggregation[]) =>
  ({ title, type: 'table', params: TABLE, aggs }) as const

const alerts = (id = '1') => metric(id, 'cardinality', 'event.id', 'Alerts')
const hosts = (id = '1') => metric(id, 'cardinality', 'host.id', 'Hosts')
const risk = metric('3', 'max', 'event.risk_score', 'Risk')
const health = (id: string, field: string, label: string) =>
  metric(id, 'max', `tidewatch.health.${field}`, label)

const ALERT_PANELS: readonly Panel[] = [
  alertPanel([0, 0, 16, 8], 'numbers', {
    title: 'Alerts, hosts, destinations',
    type: 'metric',
    params: NUMBERS,
    aggs: [alerts(), hosts('2'), metric('3', 'cardinality', 'destination.address', 'Destinations')],
  }),
  alertPanel([16, 0, 32, 8], 'over-time', {
    title: 'Alerts by severity, 1 low to 4 critical',
    type: 'histogram',
    params: bars('Alerts'),
    aggs: [alerts(), ...overTime('event.severity')],
  }),
  alertPanel(
    [0, 8, 24, 14],
    'destinations',
    table(
      'Destinations that most hosts send to',
      ...[hosts(), alerts('2'), risk, rows('destination.address', 'Destination')],
    ),
  ),
  alertPanel(
    [24, 8, 24, 14],
    'actors',
    table(
      'Scripts and programs that send',
      ...[hosts(), alerts('2'), risk, rows('tidewatch.actor', 'Actor')],
    ),
  ),
  alertPanel(
    [0, 22, 16, 12],
    'factors',
    table('Why they matter', alerts(), rows('tidewatch.risk_factors', 'Factor')),
  ),
  alertPanel(
    [16, 22, 16, 12],
    'schedulers',
    table('Started or explained by', alerts(), rows('tidewatch.schedule.scheduler', 'Scheduler')),
  ),
  alertPanel(
    [32, 22, 16, 12],
    'users',
    table('As which user', alerts(), hosts('2'), rows('user.name', 'User')),
  ),
  { at: [0, 34, 48, 18], object: latestAlerts() },
]

const HEALTH_PANELS: readonly Panel[] = [
  healthPanel([0, 0, 16, 8], 'numbers', {
    title: 'Agents that report',
    type: 'metric',
    params: NUMBERS,
    aggs: [hosts()],
  }),
  healthPanel([16, 0, 32, 8], 'states', {
    title: 'Agents by state',
    type: 'histogram',
    params: bars('Hosts'),
    aggs: [hosts(), ...overTime('tidewatch.health.state')],
  }),
  healthPanel(
    [0, 8, 16, 14],
    'silent',
    table(
      'Longest unheard of',
      metric('1', 'max', '@timestamp', 'Last report'),
      rows('host.name', 'Host', '1', 'asc', 50),
    ),
  ),
  healthPanel([16, 8, 32, 14], 'reasons', {
    query: 'not tidewatch.health.state : "healthy"',
    ...table(
      'What agents miss',
      hosts(),
      rows('tidewatch.health.reasons', 'Reason', '1', 'desc', 50),
    ),
  }),
  healthPanel(
    [0, 22, 24, 14],
    'load',
    table(
      'What agents cost, and how far they are behind',
      health('1', 'lag_ms', 'Lag, ms'),
      health('2', 'memory.rss_bytes', 'Memory, bytes'),
      health('3', 'cpu.ratio', 'CPU, share of a core'),
      rows('host.name', 'Host'),
    ),
  ),
  healthPanel(
    [24, 22, 24, 14],
    'losses',
    table(
      'What agents lost, and what waits',
      health('1', 'records.missed', 'Records missed'),
      health('2', 'records.lost', 'Records lost'),
      health('3', 'alerts.waiting', 'Alerts waiting'),
      health('4', 'alerts.dead_letters', 'Dead letters'),
      rows('host.name', 'Host'),
    ),
  ),
  healthPanel(
    [0, 36, 24, 12],
    'versions',
    table('Versions', hosts(), rows('agent.version', 'Version')),
  ),
]

/** All of them; those that others refer to come first. */
export const savedObjects: readonly SavedObject[] = [
  ALERTS,
  HEALTH,
  ...ALERT_PANELS.map(({ object }) => object),
  ...HEALTH_PANELS.map(({ object }) => object),
  dashboard('tidewatch-alerts-dashboard', 'Tidewatch: alerts', ALERT_PANELS),
  dashboard('tidewatch-health-dashboard', 'Tidewatch: fleet health', HEALTH_PANELS),
]
