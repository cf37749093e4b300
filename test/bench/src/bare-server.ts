/** BareServer: node:http that answers a constant, in a process of its own: what agents are measured against. */
import { fork } from 'node:child_process'
import { once } from 'node:events'

const SERVER = new URL('../peers/constant-server.ts', import.meta.url)

export async function withBareServer<T>(use: (port: number) => Promise<T>): Promise<T> {
  const child = fork(SERVER)
  try {
    const [port] = (await once(child, 'message')) as [number]
    return await use(port)
  } finally {
    child.disconnect()
  }
}
