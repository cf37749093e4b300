/** The other end of a carrier as a process of its own: told what to open, tells where, answers until it is killed. */
import { answerOn } from '../src/carrier.ts'
import { type Kind, openSocket, type SocketKeys } from '../src/sockets.ts'

process.once('message', async ({ kind, keys }: { kind: Kind; keys: SocketKeys }) => {
  const socket = await openSocket(kind, keys)
  process.send?.(socket.local)
  answerOn(await socket.carrier)
})
