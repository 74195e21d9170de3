import fc from 'fast-check'
import t from 'tap'
import type { ProcessStart } from '../../../platform/event.ts'
import { queryAddresses, sysmonEvent } from '../../../platform/windows/sysmon.ts'
import { holds } from '../../support/holds.ts'
import { CREATED_MS, sysmonRecord } from '../../support/windows-record.ts'

const GUID = '{747F3D96-CA4B-5EC9-0000-0010B8CB3700}'
const base = {
  UtcTime: '2020-05-24 01:13:47.752',
  ProcessGuid: GUID.toLowerCase(),
  ProcessId: '3960',
  Image: 'C:\\a.exe',
  User: 'DOM\\ann',
}
const atMs = Date.UTC(2020, 4, 24, 1, 13, 47, 752)
const process = { pid: 3960, entityId: GUID, executable: 'C:\\a.exe', user: { name: 'DOM\\ann' } }
const stamp = { atMs, dataset: 'windows.sysmon' }

t.test('1 is a process that started', async (t) => {
  const record = sysmonRecord(1, {
    ...base,
    CommandLine: '"a.exe" -x',
    CurrentDirectory: 'C:\\',
    ParentProcessId: '8036',
  })
  t.strictSame(sysmonEvent(record), {
    kind: 'process-start',
    ...stamp,
    process: {
      ...process,
      startMs: atMs,
      parentPid: 8036,
      commandLine: '"a.exe" -x',
      workingDirectory: 'C:\\',
    },
  })
})

t.test('1 tells of the parent, too, unless it was gone', async (t) => {
  const parent = {
    ...{ ParentProcessId: '8036', ParentProcessGuid: GUID, ParentImage: 'C:\\p.exe' },
    ...{ ParentCommandLine: 'p.exe -k', ParentUser: 'DOM\\bob' },
  }
  t.strictSame((sysmonEvent(sysmonRecord(1, { ...base, ...parent })) as ProcessStart).parent, {
    ...{ pid: 8036, entityId: GUID, executable: 'C:\\p.exe', commandLine: 'p.exe -k' },
    user: { name: 'DOM\\bob' },
  })
  const gone = sysmonRecord(1, { ...base, ...parent, ParentProcessId: '0', ParentImage: '-' })
  t.match(sysmonEvent(gone), { parent: undefined, process: { parentPid: undefined } })
})

const flow = {
  ...base,
  Protocol: 'tcp',
  Initiated: 'true',
  SourceIp: '10.0.0.2',
  SourcePort: '50123',
  DestinationIp: '2001:db8:0:0:0:0:0:1',
  DestinationPort: '443',
}

t.test('3 is a connection that this host opened', async (t) => {
  t.strictSame(sysmonEvent(sysmonRecord(3, flow)), {
    kind: 'connection',
    phase: 'start',
    ...stamp,
    transport: 'tcp',
    source: { ip: '10.0.0.2', port: 50123 },
    destination: { ip: '2001:db8::1', port: 443 },
    process,
  })
  t.match(sysmonEvent(sysmonRecord(3, { ...flow, Initiated: 'True' })), { kind: 'connection' })
  for (const Initiated of ['false', 'False', '0']) {
    t.equal(sysmonEvent(sysmonRecord(3, { ...flow, Initiated })), 'ignored', Initiated)
  }
  t.equal(sysmonEvent(sysmonRecord(3, { ...flow, DestinationPort: '0' })), 'ignored')
  t.equal(sysmonEvent(sysmonRecord(3, { ...flow, DestinationIp: 'x' })), 'malformed')
  t.equal(sysmonEvent(sysmonRecord(3, base)), 'malformed')
})

t.test('5 is a process that ended', async (t) => {
  t.strictSame(sysmonEvent(sysmonRecord(5, base)), { kind: 'process-end', ...stamp, process })
})

t.test('22 is a name that was resolved', async (t) => {
  const query = { ...base, QueryName: 'WWW.Example.com.' }
  const QueryResults = 'type:  5 a.example.com;::ffff:192.0.2.1;192.0.2.1;2001:db8::1;'
  t.strictSame(sysmonEvent(sysmonRecord(22, { ...query, QueryResults })), {
    kind: 'name-resolved',
    ...stamp,
    domain: 'www.example.com',
    addresses: ['192.0.2.1', '2001:db8::1'],
    process,
  })
  t.equal(sysmonEvent(sysmonRecord(22, { ...query, QueryResults: '-' })), 'ignored')
  t.equal(sysmonEvent(sysmonRecord(22, query)), 'ignored')
  t.equal(sysmonEvent(sysmonRecord(22, base)), 'malformed')
  t.strictSame(queryAddresses('type:  15 mail.example.com;'), [])
})

t.test('what a record does not know stays absent', async (t) => {
  const gone = { ...base, Image: '<unknown process>', User: '-', UtcTime: '-', ProcessGuid: '' }
  t.strictSame(sysmonEvent(sysmonRecord(5, gone)), {
    kind: 'process-end',
    atMs: CREATED_MS,
    dataset: 'windows.sysmon',
    process: { pid: 3960 },
  })
})

t.test('other ids are not read, and none without a pid', async (t) => {
  t.equal(sysmonEvent(sysmonRecord(11, base)), 'ignored')
  t.equal(sysmonEvent(sysmonRecord(1, { Image: 'a' })), 'malformed')
})

t.test('properties', async (t) => {
  const names = [...Object.keys(flow), 'QueryName', 'QueryResults', 'CommandLine']
  const fields = fc.dictionary(fc.constantFrom(...names), fc.string())
  const anything = fc.property(fc.constantFrom(1, 3, 5, 22), fields, (id, values) => {
    const event = sysmonEvent(sysmonRecord(id, values))
    return typeof event === 'string' || Number.isFinite(event.atMs)
  })
  holds(t, 'never throws', anything)
})
