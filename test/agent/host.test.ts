import t from 'tap'
import { hostFacts } from '../../agent/host.ts'

const card = (address: string, mac: string) => ({
  address,
  mac,
  netmask: '255.255.255.0',
  family: 'IPv4' as const,
  internal: false,
  cidr: null,
})
const sources = {
  osInfo: async () => ({ distro: 'Debian GNU/Linux', release: '12', kernel: '6.1.0', serial: '' }),
  uuid: async () => ({ os: '3D1219C7' }),
  networkInterfaces: () => ({
    lo: [card('127.0.0.1', '00:00:00:00:00:00')],
    eth0: [
      card('fe80::1', '02:fc:00:00:00:01'),
      card('2001:db8::5', '02:fc:00:00:00:01'),
      card('192.0.2.2', '02:fc:00:00:00:01'),
    ],
  }),
  platform: () => 'linux',
}

t.test('tells the host by its outward addresses, IPv4 first', async (t) => {
  const facts = await hostFacts(sources)
  t.match(facts, {
    id: '3d1219c7',
    os: {
      type: 'linux',
      name: 'Debian GNU/Linux',
      version: '12',
      kernel: '6.1.0',
      family: 'debian',
    },
  })
  t.strictSame(facts.ip, ['192.0.2.2', '2001:db8::5'])
  t.strictSame(facts.mac, ['02-FC-00-00-00-01'])
})

t.test('a library that fails leaves what Node knows', async (t) => {
  const failing = async () => Promise.reject(new Error('no such command'))
  const facts = await hostFacts({ ...sources, osInfo: failing, uuid: failing })
  t.equal(facts.id, undefined)
  t.match(facts, { name: /./, architecture: /./, os: { type: 'linux', name: /./, kernel: /./ } })
  t.notOk('version' in facts.os)
})

t.test('placeholders of the library are no facts', async (t) => {
  const osInfo = async () => ({ distro: 'unknown', release: 'unknown', kernel: '-', serial: '-' })
  const facts = await hostFacts({ ...sources, osInfo, uuid: async () => ({ os: '' }) })
  t.equal(facts.id, undefined)
  t.notMatch(facts.os, { name: 'unknown' })
  t.notOk('version' in facts.os)
})

t.test('each system has its ECS type and family', async (t) => {
  const osOf = async (platform: string) =>
    (await hostFacts({ ...sources, platform: () => platform })).os
  t.match(await osOf('darwin'), { type: 'macos', family: 'macos' })
  t.match(await osOf('win32'), { type: 'windows', family: 'windows' })
  t.match(await osOf('freebsd'), { type: 'unix' })
})

t.test('addresses are bounded', async (t) => {
  const many = Array.from({ length: 50 }, (_, i) => card(`10.0.0.${i}`, `02:00:00:00:00:${i + 10}`))
  const facts = await hostFacts({ ...sources, networkInterfaces: () => ({ docker0: many }) })
  t.equal(facts.ip.length, 4)
  t.equal(facts.mac.length, 4)
})

t.test('this host has a name and an architecture', async (t) => {
  const facts = await hostFacts()
  t.match(facts, { name: /./, architecture: /./, os: { platform: process.platform } })
})
