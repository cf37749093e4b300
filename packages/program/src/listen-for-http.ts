/** An HTTP server of a program at the address that its configuration names. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { formatSocketAddress, type SocketAddress } from './config-values.ts'
import { StartRefusal } from './refusal.ts'

/** Resolves when it listens. Throws StartRefusal; `key` is the configuration key that names the address. */
export async function listenForHttp(server: Server, address: SocketAddress, key: string): Promise<Server> {
  server.listen(address)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new StartRefusal(
      `cannot listen on ${formatSocketAddress(address)} (key ${key}): ${(cause as Error).message}`,
    )
  }
  return server
}
