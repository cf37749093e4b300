import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import test from 'node:test'
import { findFreePorts } from './free-ports.ts'

test('the ports are distinct and can be bound for TCP and UDP', async () => {
  const ports = await findFreePorts(6)
  assert.equal(new Set(ports).size, 6)
  for (const port of ports) {
    const server = createServer().listen(port, '127.0.0.1')
    const socket = createSocket('udp4').bind(port, '127.0.0.1')
    await Promise.all([once(server, 'listening'), once(socket, 'listening')])
    server.close()
    socket.close()
  }
})
