import t from 'tap'
import { ecsField } from '../../../platform/recordings/windows-json-ecs.ts'

const root = {
  process: { entity_id: '{A}', pid: 924, parent: { pid: 4 } },
  network: { direction: 'egress', transport: 'udp' },
  user: { name: 'NETWORK SERVICE', domain: 'NT AUTHORITY' },
  dns: { question: { name: 'a.example' }, resolved_ip: ['192.0.2.1', '2001:db8::1'] },
}

t.test('values are found where ECS has them', async (t) => {
  const want = {
    ProcessGuid: '{A}',
    ProcessId: '924',
    ParentProcessId: '4',
    Protocol: 'udp',
    Initiated: 'true',
    User: 'NT AUTHORITY\\NETWORK SERVICE',
    QueryName: 'a.example',
    QueryResults: '192.0.2.1;2001:db8::1',
  }
  for (const [name, text] of Object.entries(want)) t.equal(ecsField(root, name), text, name)
})

t.test('what is not there stays absent', async (t) => {
  for (const name of ['Initiated', 'User', 'QueryResults', 'Image', 'Other']) {
    t.equal(ecsField({}, name), undefined, name)
  }
  t.equal(ecsField({ network: { direction: 'ingress' } }, 'Initiated'), 'false')
  t.equal(ecsField({ user: { name: 'ann' } }, 'User'), 'ann')
})
