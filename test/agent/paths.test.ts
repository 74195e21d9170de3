import t from 'tap'
import { controlPath, defaultPaths } from '../../agent/paths.ts'

t.test("root's files are the system's", async (t) => {
  t.strictSame(defaultPaths({ uid: 0, home: '/root', env: { XDG_STATE_HOME: '/x' } }), {
    dataDir: '/var/lib/tidewatch',
    configFile: '/etc/tidewatch/agent.yml',
  })
})

t.test("a user's files are where XDG says, else below the home", async (t) => {
  t.strictSame(defaultPaths({ uid: 1000, home: '/home/a', env: {} }), {
    dataDir: '/home/a/.local/state/tidewatch',
    configFile: '/home/a/.config/tidewatch/agent.yml',
  })
  const env = { XDG_STATE_HOME: '/s', XDG_CONFIG_HOME: '/c' }
  t.strictSame(defaultPaths({ uid: 1000, home: '/home/a', env }), {
    dataDir: '/s/tidewatch',
    configFile: '/c/tidewatch/agent.yml',
  })
})

t.test('a relative or empty XDG folder is ignored, as its specification says', async (t) => {
  const env = { XDG_STATE_HOME: 'state', XDG_CONFIG_HOME: '' }
  t.match(defaultPaths({ uid: 1000, home: '/home/a', env }), {
    dataDir: '/home/a/.local/state/tidewatch',
    configFile: '/home/a/.config/tidewatch/agent.yml',
  })
})

t.test('the socket stands in the data folder', async (t) => {
  t.equal(controlPath('/d'), '/d/control.sock')
})
