import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { parseAtJob } from '../../../platform/shared/at-job.ts'
import { holds } from '../../support/holds.ts'

const golden = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../golden/linux/schedules', name), 'utf8')
const read = (name: string, text = golden(name)) =>
  parseAtJob(text, { file: `/var/spool/cron/atjobs/${name}` })

t.test('reads a job of the spool', async (t) => {
  t.strictSame(read('a0000101c8a1c7'), {
    ok: true,
    value: {
      id: 'at:1:01c8a1c7',
      scheduler: 'at',
      trigger: '2026-11-24T19:51Z',
      command: 'echo hello\ncurl -sT /etc/hostname http://127.0.0.1:9/',
      user: { id: '0' },
      file: '/var/spool/cron/atjobs/a0000101c8a1c7',
      timing: { kind: 'once', atMs: Date.parse('2026-11-24T19:51:00Z') },
    },
  })
})

t.test('what the environment says is not the job', async (t) => {
  const timing = { kind: 'once', atMs: Date.parse('2026-12-24T02:30:00Z') }
  t.match(read('b0000201c94676'), { value: { command: 'echo queued', timing } })
})

t.test('a job that runs is the same job', async (t) => {
  const text = golden('a0000101c8a1c7')
  t.match(read('=0000101c8a1c7', text), { value: { id: 'at:1:01c8a1c7' } })
})

t.test('takes the job out of the here document of newer versions', async (t) => {
  const text = golden('a0000101c8a1c7')
  const frame = text.slice(0, text.indexOf('echo hello'))
  const document =
    '$' + "{SHELL:-/bin/sh} << 'marcinDELIMITER1b2c3d4e'\necho hello\n\nmarcinDELIMITER1b2c3d4e\n"
  t.match(read('a0000101c8a1c7', frame + document), { value: { command: 'echo hello' } })
})

t.test('refuses other files', async (t) => {
  t.match(read('.SEQ', '00001'), { ok: false, reason: /name/ })
  t.match(read('a0000101c8a1c7', '#!/bin/sh\necho hello\n'), { ok: false, reason: /text/ })
})

t.test('properties', async (t) => {
  const total = fc.property(
    fc.string({ unit: 'binary' }),
    (text) => void read('a0000101c8a1c7', text),
  )
  holds(t, 'never throws', total)
})
