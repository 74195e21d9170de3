import t from 'tap'
import { controlPath, defaultPaths } from '../../agent/paths.ts'

t.test("root's files are the system's", async (t) => {
  t.strictSame(
    defaultPaths({ platform: 'linux', uid: 0, home: '/root', env: { XDG_STATE_HOME: '/x' } }),
    {
      dataDir: '/var/lib/tidewatch',
      configFile: '/etc/tidewatch/agent.yml',
    },
  )
})

t.test("a user's files are where XDG says, else below the home", async (t) => {
  t.strictSame(defaultPaths({ platform: 'linux', uid: 1000, home: '/home/a', env: {} }), {
    dataDir: '/home/a/.local/state/tidewatch',
    configFile: '/home/a/.config/tidewatch/agent.yml',
  })
  const env = { XDG_STATE_HOME: '/s', XDG_CONFIG_HOME: '/c' }
  t.strictSame(defaultPaths({ platform: 'linux', uid: 1000, home: '/home/a', env }), {
    dataDir: '/s/tidewatch',
    configFile: '/c/tidewatch/agent.yml',
  })
})

t.test('Windows has them below ProgramData', async (t) => {
  const windows = { platform: 'win32', uid: undefined, home: 'C:\\Users\\a' }
  t.strictSame(defaultPaths({ ...windows, env: { ProgramData: 'D:\\Data' } }), {
    dataDir: 'D:\\Data\\Tidewatch\\data',
    configFile: 'D:\\Data\\Tidewatch\\agent.yml',
  })
  t.match(defaultPaths({ ...windows, env: {} }), { dataDir: 'C:\\ProgramData\\Tidewatch\\data' })
})

t.test('on Windows the socket is a pipe, the same however the folder is spelled', async (t) => {
  const pipe = controlPath('C:\\ProgramData\\Tidewatch\\data')
  t.match(pipe, /^\\\\\.\\pipe\\tidewatch-[0-9a-f]{16}$/)
  t.equal(controlPath('c:/programdata/Tidewatch/data/'), pipe)
  t.not(controlPath('C:\\other'), pipe)
})

t.test('a relative or empty XDG folder is ignored, as its specification says', async (t) => {
  const env = { XDG_STATE_HOME: 'state', XDG_CONFIG_HOME: '' }
  t.match(defaultPaths({ platform: 'linux', uid: 1000, home: '/home/a', env }), {
    dataDir: '/home/a/.local/state/tidewatch',
    configFile: '/home/a/.config/tidewatch/agent.yml',
  })
})

t.test('a Mac has a folder for both, with a short way to the socket', async (t) => {
  t.strictSame(defaultPaths({ platform: 'darwin', uid: 0, home: '/var/root', env: {} }), {
    dataDir: '/Library/Application Support/Tidewatch/data',
    configFile: '/Library/Application Support/Tidewatch/agent.yml',
  })
  const { dataDir } = defaultPaths({ platform: 'darwin', uid: 501, home: '/Users/ann', env: {} })
  t.equal(dataDir, '/Users/ann/Library/Application Support/Tidewatch/data')
  t.ok(controlPath(dataDir).length < 104, 'the longest that a socket may have')
})

t.test('the socket stands in the data folder', async (t) => {
  t.equal(controlPath('/d'), '/d/control.sock')
})
