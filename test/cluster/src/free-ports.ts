/**
 * Free ports on loopback, each free for TCP and for UDP. All are held until the last is found, so that one call gives
 * distinct ports; afterwards somebody else may take one, and the cluster then starts again with others.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

const HOST = '127.0.0.1'
/** A port that is free for TCP is rarely taken for UDP. */
const ATTEMPTS_PER_PORT = 20

export async function findFreePorts(count: number): Promise<number[]> {
  const held: Held[] = []
  try {
    for (let attempt = 0; held.length < count && attempt < count * ATTEMPTS_PER_PORT; attempt += 1) {
      const port = await holdPort()
      if (port !== undefined) held.push(port)
    }
    if (held.length < count) throw new Error(`no ${count} free ports on ${HOST}`)
    return held.map(({ port }) => port)
  } finally {
    await Promise.all(held.map(release))
  }
}

interface Held {
  readonly port: number
  readonly server: Server
  readonly socket: Socket
}

async function holdPort(): Promise<Held | undefined> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  const socket = createSocket('udp4')
  try {
    socket.bind(port, HOST)
    await once(socket, 'listening')
    return { port, server, socket }
  } catch {
    await release({ port, server, socket })
    return undefined
  }
}

async function release({ server, socket }: Held): Promise<void> {
  await Promise.all([
    new Promise((resolve) => server.close(resolve)),
    new Promise<void>((resolve) => socket.close(resolve)),
  ])
}
