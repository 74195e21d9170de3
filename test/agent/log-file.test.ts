import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { boundErrors, logFile } from '../../agent/log-file.ts'

t.test('however much is written, four files of the bound are kept', async (t) => {
  const folder = t.testdir()
  const log = logFile(join(folder, 'agent.log'), 1_000)
  for (let i = 0; i < 1_000; i++) log.write(`line ${i} of a log that never ends\n`)
  log.close()
  const files = readdirSync(folder).sort()
  t.strictSame(files, ['agent.log', 'agent.log.1', 'agent.log.2', 'agent.log.3'])
  for (const file of files) t.ok(statSync(join(folder, file)).size <= 1_000, file)
  t.equal(statSync(join(folder, 'agent.log')).mode & 0o777, 0o640)
  t.match(readFileSync(join(folder, 'agent.log'), 'utf8'), /line 999 of a log that never ends\n$/)
})

t.test(
  'goes on behind what an earlier run wrote, and a long line has a file of its own',
  async (t) => {
    const path = join(t.testdir({ 'agent.log': 'before\n' }), 'agent.log')
    const log = logFile(path, 100)
    log.write('after\n')
    t.equal(readFileSync(path, 'utf8'), 'before\nafter\n')
    log.write(`${'x'.repeat(500)}\n`)
    log.write('next\n')
    log.close()
    t.equal(readFileSync(path, 'utf8'), 'next\n')
    t.equal(statSync(`${path}.1`).size, 501)
  },
)

t.test('what could not be written is told when it can', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'agent.log')
  const log = logFile(path, 10)
  log.write('12345678\n')
  // Rotation cannot move a file over a folder that holds something.
  const inTheWay = ['agent.log.1', 'agent.log.2', 'agent.log.3'].map((name) => join(folder, name))
  for (const name of inTheWay) mkdirSync(join(name, 'full'), { recursive: true })
  log.write('lost\n')
  log.write('lost\n')
  t.equal(readFileSync(path, 'utf8'), '12345678\n')
  for (const name of inTheWay) rmSync(name, { recursive: true, force: true })
  log.write('there\n')
  t.equal(readFileSync(path, 'utf8'), '2 lines before this were not written\nthere\n')
  log.close()
})

t.test('a link, and a folder that is none, are refused with a remedy', async (t) => {
  const folder = t.testdir({ aim: 'precious' })
  symlinkSync(join(folder, 'aim'), join(folder, 'link'))
  t.throws(() => logFile(join(folder, 'link')), { code: 'ERR_LOG_FILE', message: /is a link/ })
  t.throws(() => logFile(join(folder, 'aim', 'x')), { code: 'ERR_LOG_FILE', remedy: /another/ })
  t.equal(readFileSync(join(folder, 'aim'), 'utf8'), 'precious')
})

t.test('what the manager keeps of failed starts is bounded', async (t) => {
  const path = join(t.testdir(), 'agent.err')
  const file = openSync(path, 'a')
  for (let start = 0; start < 100; start++) {
    boundErrors(file, 1_000)
    writeSync(file, `${'x'.repeat(99)}\n`)
  }
  closeSync(file)
  t.ok(statSync(path).size <= 1_100)
  const pipe = openSync('/dev/null', 'w')
  boundErrors(pipe, 0)
  closeSync(pipe)
})
