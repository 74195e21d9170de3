import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import t from 'tap'
import { ownSockets } from '../../agent/own-sockets.ts'

t.test("a connection of this process is the agent's own, another's is not", async (t) => {
  const own = ownSockets()
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const { localAddress: ip = '', localPort = 0 } = socket
  t.ok(own.isOwn({ ip, port: localPort }))
  t.notOk(own.isOwn({ ip, port }), 'the server side is not')
  t.notOk(own.isOwn(undefined))
  socket.destroy()
  server.close()
  own.close()
})
