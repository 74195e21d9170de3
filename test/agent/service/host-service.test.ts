import t from 'tap'
import { hostService, runProgram, systemDirOf } from '../../../agent/service/host-service.ts'

const host = { env: {}, configFile: '/etc/tidewatch/agent.yml' }

t.test("a Mac's manager is launchd", async (t) => {
  const { label } = await hostService({ ...host, platform: 'darwin' })
  t.equal(label, 'launch daemon io.tidewatch.agent')
})

t.test('a system without a known one is refused, with what to do instead', async (t) => {
  const refused = hostService({ ...host, platform: 'sunos' })
  await t.rejects(refused, { code: 'ERR_PLATFORM', message: /^sunos: no service manager/ })
})

t.test('Windows is where it says that it is', async (t) => {
  t.equal(systemDirOf({ SystemRoot: 'D:\\WINNT' }), 'D:\\WINNT\\System32')
  t.equal(systemDirOf({}), 'C:\\Windows\\System32')
})

t.test('a program tells its code and both its streams', async (t) => {
  const both = await runProgram('/bin/sh', ['-c', 'echo out; echo err >&2; exit 3'])
  t.strictSame(both, { exitCode: 3, output: 'out\nerr\n' })
  t.strictSame(await runProgram('/bin/sh', ['-c', 'echo out']), { exitCode: 0, output: 'out\n' })
  const missing = runProgram('/nonexistent/program', [])
  await t.rejects(missing, { code: 'ERR_SERVICE', message: '/nonexistent/program: is not there' })
})
