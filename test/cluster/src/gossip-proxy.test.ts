import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { GossipProxy } from './gossip-proxy.ts'
import { waitUntil } from './wait-until.ts'

const HOST = '127.0.0.1'
const PACKETS = 400

async function bound(t: TestContext): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, HOST)
  await once(socket, 'listening')
  t.after(() => socket.close())
  return socket
}

/** How many of so many packets come back from a target that echoes each. */
async function echoed(client: Socket, port: number): Promise<number> {
  let heard = 0
  const count = (): void => {
    heard += 1
  }
  client.on('message', count)
  for (let n = 0; n < PACKETS; n += 1) {
    client.send(Buffer.of(n & 255), port, HOST)
    if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  let before = -1
  await waitUntil({ what: 'no more packets', deadlineMs: 5_000, pollMs: 50 }, async () => {
    const isQuiet = heard === before
    before = heard
    return isQuiet ? true : undefined
  })
  client.off('message', count)
  return heard
}

test('packets pass, are lost by their share each way, or all, and pass again', async (t) => {
  const target = await bound(t)
  target.on('message', (bytes, from) => target.send(bytes, from.port, from.address))
  const proxy = await GossipProxy.open(target.address().port)
  t.after(() => proxy.close())
  const client = await bound(t)
  assert.ok((await echoed(client, proxy.port)) > 0.95 * PACKETS)
  proxy.lose(0.5)
  const lossy = await echoed(client, proxy.port)
  assert.ok(lossy > 0.1 * PACKETS && lossy < 0.4 * PACKETS, `${lossy} of ${PACKETS}, a quarter is expected`)
  proxy.cutDatagrams()
  assert.equal(await echoed(client, proxy.port), 0)
  proxy.heal()
  assert.ok((await echoed(client, proxy.port)) > 0.95 * PACKETS)
})

test('connections stand still after so many bytes, new ones too, and go on with what was on its way', async (t) => {
  const target = createServer((socket) => socket.pipe(socket)).listen(0, HOST)
  await once(target, 'listening')
  t.after(() => target.close())
  const proxy = await GossipProxy.open((target.address() as { readonly port: number }).port)
  t.after(() => proxy.close())
  const sockets = [connect(proxy.port, HOST), connect(proxy.port, HOST)] as const
  t.after(() => sockets.map((socket) => socket.destroy()))
  const heard = sockets.map((socket) => {
    const bytes = { count: 0 }
    socket.on('data', (chunk: Buffer) => {
      bytes.count += chunk.length
    })
    return bytes
  })
  const [first, second] = sockets
  const until = (counts: readonly number[]): Promise<true> =>
    waitUntil({ what: `${counts} bytes are heard`, deadlineMs: 5_000 }, async () =>
      heard.every(({ count }, at) => count === counts[at]) ? true : undefined,
    )
  proxy.holdConnectionsAfter(3)
  first.write('a')
  await until([1, 0])
  // There and not back; what follows is not taken at all.
  first.write('b')
  await waitUntil({ what: 'the limit is reached', deadlineMs: 5_000 }, async () =>
    proxy.bytes === 3 ? true : undefined,
  )
  first.write('c')
  second.write('d')
  await assert.rejects(
    waitUntil({ what: 'more', deadlineMs: 100 }, async () => (proxy.bytes > 3 ? true : undefined)),
  )
  proxy.heal()
  await until([3, 1])
})
