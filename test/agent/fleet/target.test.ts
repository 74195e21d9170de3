import fc from 'fast-check'
import t from 'tap'
import { newInstanceId } from '../../../agent/fleet/state.ts'
import { type HostTraits, isMeant, ringOf } from '../../../agent/fleet/target.ts'
import { holds } from '../../support/holds.ts'

const host: HostTraits = {
  ...{
    instanceId: '0199d0c0-0000-7000-8000-000000000001',
    name: 'Web-17.example.org',
    os: 'linux',
  },
  labels: ['env=prod', 'role=web'],
}

t.test('without a target it is for all', async (t) => t.ok(isMeant(undefined, host)))

for (const [target, is] of [
  [{ hosts: ['web-*'] }, true],
  [{ hosts: ['db-*', 'WEB-1?.example.org'] }, true],
  [{ hosts: ['db-*'] }, false],
  [{ labels: ['env=prod'] }, true],
  [{ labels: ['env=prod', 'role=db'] }, false],
  [{ os: ['windows' as const, 'linux' as const] }, true],
  [{ os: ['windows' as const] }, false],
  [{ percent: 100 }, true],
  [{ hosts: ['web-*'], os: ['macos' as const] }, false],
] as const) {
  t.test(`${JSON.stringify(target)} is ${is ? '' : 'not '}for it`, async (t) => {
    t.equal(isMeant(target as never, host), is)
  })
}

t.test(
  'rings grow: a host in ten percent is in fifty too, and ten percent are ten percent',
  async (t) => {
    const hosts = Array.from({ length: 5_000 }, (_, i) => ({
      ...host,
      instanceId: newInstanceId(i),
    }))
    const ten = hosts.filter((it) => isMeant({ percent: 10 }, it))
    const share = ten.length / hosts.length
    t.ok(share > 0.08 && share < 0.12, `${share}`)
    t.ok(ten.every((it) => isMeant({ percent: 50 }, it)))
    t.equal(ringOf(host.instanceId), ringOf(host.instanceId))
  },
)

t.test('a glob matches as a regular expression of its parts does, and never hangs', async (t) => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 12 })
  const globs = fc.string({
    ...{ unit: fc.constantFrom('a', 'b', '*', '?', '.'), minLength: 1, maxLength: 8 },
  })
  const same = fc.property(texts, globs, (name, glob) => {
    const pattern = glob.replaceAll('.', '\\.').replaceAll('?', '.').replaceAll('*', '.*')
    const is = isMeant({ hosts: [glob] }, { ...host, name })
    return is === new RegExp(`^${pattern}$`).test(name)
  })
  holds(t, 'the same', same)
  const name = 'a'.repeat(253)
  const hostile = [`${'*a'.repeat(120)}b`, '{a,b}'.repeat(50)]
  t.notOk(isMeant({ hosts: hostile }, { ...host, name }))
})
