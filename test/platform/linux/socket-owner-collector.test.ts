import t from 'tap'
import { socketOwners } from '../../../platform/linux/socket-owner-collector.ts'

const stat = (pid: number, parentPid: number) =>
  `${pid} (x) S ${parentPid} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0\n`

t.test('finds who holds a socket, and gives an inherited one to the parent', async (t) => {
  const link = (target: string) => t.fixture('symlink', target)
  const procDir = t.testdir({
    net: {},
    10: { stat: stat(10, 1), fd: { 0: link('/dev/null'), 3: link('socket:[77]') } },
    11: { stat: stat(11, 10), fd: { 3: link('socket:[77]'), 4: link('pipe:[5]') } },
    12: { stat: stat(12, 1), fd: { 7: link('socket:[88]') } },
    13: {}, // went while it was read
  })
  const owners = socketOwners(procDir)
  t.strictSame([...owners.find([77, 88, 99])].sort(), [
    [77, 10],
    [88, 12],
  ])
  t.strictSame([...owners.find([77])], [[77, 10]], 'again, by those that had one before')
  t.strictSame([...owners.find([])], [])
  t.equal(owners.unreadable, 0)
})

t.test(
  'finds the sockets of this very process',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const { createServer } = await import('node:net')
    const { readdirSync, readlinkSync } = await import('node:fs')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const links = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)]
      } catch {
        return []
      }
    })
    const inodes = links
      .filter((to) => to.startsWith('socket:'))
      .map((to) => Number(to.slice(8, -1)))
    const found = socketOwners().find(inodes)
    t.ok([...found.values()].includes(process.pid))
  },
)
