import t from 'tap'
import { linuxCrontab } from '../../../../agent/hunt/formats/linux-crontab.ts'
import { headOf } from '../../../../agent/hunt/recorded-format.ts'
import { readFormat } from '../../../support/read-format.ts'

const SYSTEM =
  '# m h dom mon dow user command\nSHELL=/bin/sh\n\n*/5 * * * * root /a\n@daily ann /b\n'

t.test('a crontab of the system names a user in each line', async (t) => {
  const { events, counts } = readFormat(linuxCrontab, `${SYSTEM}61 * * * * root /c\n`)
  t.match(
    events.map(({ event }) => event),
    [
      {
        change: 'found',
        schedule: { command: '/a', user: { name: 'root' }, file: 'a.log', line: 4 },
      },
      { schedule: { command: '/b', user: { name: 'ann' }, line: 5 } },
    ],
  )
  t.match(counts, { rows: 3, malformed: 1 })
})

t.test('a crontab of a user is of the one that its file is named after', async (t) => {
  const { events } = readFormat(linuxCrontab, '0 2 * * * /opt/a.sh --all\n', { path: 'x/tabs/ann' })
  t.match(events, [{ event: { schedule: { command: '/opt/a.sh --all', user: { name: 'ann' } } } }])
})

t.test('prose is none, and neither is what is too long', async (t) => {
  const is = (text: string) => linuxCrontab.is(headOf('a', Buffer.from(text)))
  t.ok(is(SYSTEM))
  t.notOk(is('This is a text of seven words here\n'))
  t.notOk(is('A=1\n'))
  t.notOk(is(`${SYSTEM}and a sentence\n`))
  const { refusal, events } = readFormat(linuxCrontab, '@daily /a\n'.repeat(200_000), {
    pieceBytes: 1 << 18,
  })
  t.match(refusal, /larger than 1 MiB/)
  t.equal(events.length, 0)
})
