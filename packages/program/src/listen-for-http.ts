/** An HTTP or HTTPS server of a program at the address that its configuration names. */
import { once } from 'node:events'
import type { Server } from 'node:net'
import { formatSocketAddress, type SocketAddress } from './config-values.ts'
import { StartRefusal } from './refusal.ts'

/** Resolves when it listens. Throws StartRefusal; `key` is the configuration key that names the address. */
export async function listenForHttp<S extends Server>(
  server: S,
  address: SocketAddress,
  key: string,
): Promise<S> {
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
