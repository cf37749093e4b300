/** The other end of a carrier as a process of its own: told what to open, tells where, answers until it is killed. */
import { answerOn } from '../src/carrier.ts'
import { type Kind, openSocket, type SocketKeys } from '../src/sockets.ts'

interface Opening {
  readonly kind: Kind
  readonly keys: SocketKeys
  readonly advertised?: string
}

process.once('message', async ({ kind, keys, advertised }: Opening) => {
  const socket = await openSocket(kind, keys, advertised === undefined ? {} : { advertised })
  process.send?.(socket.local)
  answerOn(await socket.carrier)
})
