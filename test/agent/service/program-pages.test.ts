import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { cleanMappings } from '../../../agent/service/program-pages.ts'

const MODULE = join(import.meta.dirname, '../../../agent/service/program-pages.ts')

t.test('the mappings of one file that differ in nothing from it', async (t) => {
  const mapping = (head: string, anonymousKib = 0) =>
    `${head}\nSize: 4 kB\nAnonymous: ${String(anonymousKib).padStart(12)} kB\nSwap:     0 kB\n`
  const smaps = [
    mapping('00400000-0082e000 r--p 00000000 fe:00 1049 /usr/lib/tide watch'),
    mapping('0082e000-03489000 r-xp 0042e000 fe:00 1049 /usr/lib/tide watch'),
    mapping('072a7000-072a8000 r--p 06ea7000 fe:00 1049 /usr/lib/tide watch', 4),
    mapping('072a8000-072dc000 rw-p 06ea8000 fe:00 1049 /usr/lib/tide watch'),
    mapping('7f0000000000-7f0000001000 r--p 00000000 fe:00 7 /usr/lib/other'),
    mapping('7f0000002000-7f0000003000 r--p 00000000 00:00 0 '),
    mapping('7f0000004000-7f0000005000 r--s 00000000 fe:00 1049 /usr/lib/tide watch'),
    'nonsense\n',
  ].join('')
  t.same(cleanMappings(smaps, '/usr/lib/tide watch'), [
    { start: 0x400000n, end: 0x82e000n },
    { start: 0x82e000n, end: 0x3489000n },
  ])
})

const hasLibc = process.platform === 'linux' && spawnSync('ldconfig', ['-p']).status === 0
t.test(
  'a real process gives them back, and goes on',
  {
    skip: hasLibc ? false : 'no Linux with glibc',
  },
  async (t) => {
    const script = `
    const { readFileSync } = await import('node:fs')
    const { giveBackProgramPages, libcAdvise } = await import(${JSON.stringify(MODULE)})
    const advise = await libcAdvise()
    const filePages = () => Number(/RssFile:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
    const before = filePages()
    await giveBackProgramPages({
      advise,
      signal: new AbortController().signal,
      async *ticks() { yield 1 },
    })
    const after = filePages()
    console.log(JSON.stringify({ before, after, sorted: [3, 1, 2].sort() }))`
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    })
    const { before, after, sorted } = JSON.parse(said)
    t.ok(after < before, `${before} KiB before, ${after} KiB after`)
    t.same(sorted, [1, 2, 3])
  },
)
