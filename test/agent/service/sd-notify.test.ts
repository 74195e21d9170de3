import t from 'tap'
import { libcDatagram, sdNotify, socketAddress } from '../../../agent/service/sd-notify.ts'

function recorder() {
  const sent: { address: string; text: string }[] = []
  const complaints: string[] = []
  return {
    sent,
    complaints,
    complain: (text: string) => void complaints.push(text),
    open: async () => (address: Uint8Array, text: Uint8Array) =>
      void sent.push({ address: Buffer.from(address).toString('latin1'), text: String(text) }),
  }
}

t.test('what it says goes to the socket that systemd named', async (t) => {
  const it = recorder()
  const env = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }
  const notify = await sdNotify({ ...it, env, pid: 7 })
  notify?.send('READY=1')
  t.same(it.sent, [{ address: '\x01\0/run/systemd/notify\0', text: 'READY=1' }])
  t.equal(notify?.watchdogMs, 30_000, 'half of what is allowed')
})

t.test('without systemd it says nothing', async (t) => {
  const it = recorder()
  for (const env of [{}, { NOTIFY_SOCKET: '' }, { NOTIFY_SOCKET: 'vsock:2:1' }]) {
    t.equal(await sdNotify({ ...it, env, pid: 7 }), undefined)
  }
})

t.test("the watchdog of another process is not this one's", async (t) => {
  for (const more of [{ WATCHDOG_PID: '8' }, { WATCHDOG_USEC: '0' }, { WATCHDOG_USEC: 'x' }]) {
    const env = { NOTIFY_SOCKET: '@name', WATCHDOG_USEC: '2000', ...more }
    const notify = await sdNotify({ ...recorder(), env, pid: 7 })
    t.equal(notify?.watchdogMs, undefined, JSON.stringify(more))
  }
})

t.test('the agent goes on where systemd cannot be told', async (t) => {
  const it = recorder()
  const env = { NOTIFY_SOCKET: '/nowhere' }
  const failing = async () => () => {
    throw new Error('errno 2')
  }
  const notify = await sdNotify({ ...it, env, pid: 7, open: failing })
  notify?.send('READY=1')
  const never = () => Promise.reject(new Error('no libc'))
  t.equal(await sdNotify({ ...it, env, pid: 7, open: never }), undefined)
  t.same(it.complaints, ['systemd was not told: errno 2', 'systemd cannot be told: no libc'])
})

t.test('addresses', async (t) => {
  t.equal(Buffer.from(socketAddress('@abc') ?? []).toString('latin1'), '\x01\0\0abc')
  t.equal(socketAddress(`/${'x'.repeat(120)}`), undefined, 'longer than the kernel takes')
})

t.test("libc's own socket", { skip: process.platform !== 'linux' && 'Linux only' }, async (t) => {
  const send = await libcDatagram()
  const address = socketAddress(`${t.testdirName}/none`) ?? new Uint8Array()
  t.throws(() => send(address, Buffer.from('READY=1')), /errno 2/, 'nobody listens there')
})
