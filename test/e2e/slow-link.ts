/**
 * SlowLink: a TCP proxy in front of an agent whose way back can be made slow: in pieces with pauses, and each connection breaks
 * after a few of them. Ends with the test.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

export class SlowLink {
  readonly port: number
  /** Set: it is slow from now on. */
  slow: { readonly pieceBytes: number; readonly pauseMs: number; readonly piecesMax: number } | undefined
  /** Connections that broke because they had carried their pieces. */
  breaks = 0

  private constructor(port: number) {
    this.port = port
  }

  static async to(t: TestContext, agentPort: number): Promise<SlowLink> {
    const sockets = new Set<Socket>()
    const server = createServer((client) => {
      const agent = connect(agentPort, '127.0.0.1')
      for (const [socket, other] of [
        [client, agent],
        [agent, client],
      ] as const) {
        sockets.add(socket)
        // Both ends close together; why is nobody's concern here.
        socket.on('error', () => {})
        socket.on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
      }
      client.pipe(agent)
      // It ends with an error where the other end is gone, and then so is this one.
      link.#carryBack(agent, client).catch(() => client.destroy())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const link = new SlowLink((server.address() as AddressInfo).port)
    t.after(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    return link
  }

  async #carryBack(agent: Socket, client: Socket): Promise<void> {
    let pieces = 0
    for await (const chunk of agent as AsyncIterable<Buffer>) {
      if (this.slow === undefined) {
        client.write(chunk)
        continue
      }
      const { pieceBytes, pauseMs, piecesMax } = this.slow
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        client.write(chunk.subarray(at, at + pieceBytes))
        await sleep(pauseMs)
        pieces += 1
        if (pieces < piecesMax) continue
        this.breaks += 1
        client.destroy()
        return
      }
    }
  }
}
