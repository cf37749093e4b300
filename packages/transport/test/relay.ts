/** Relay: a TCP hop in front of an address, whose connections a test counts, freezes and breaks. */
import { connect, createServer, type Socket } from 'node:net'
import { type PeerAddress, peerAddress, splitPeerAddress } from '@patina/base'

export interface Relay {
  readonly address: PeerAddress
  /** Bytes towards the address, by connection in the order in which they came; those that have ended, too. */
  bytes(): readonly number[]
  /** Connections that stand. */
  open(): number
  /** Connections that were made and have ended at both ends. */
  passed(): number
  /** From now on no byte passes, of one connection or of all that stand, and nobody is told. */
  freeze(place?: number): void
  /** Both ends of one connection see it break. */
  break(place: number): void
  /** One bit of what follows towards the address is another. */
  flip(place: number): void
  /** Who connects from now on is hung up on. */
  refuse(refused: boolean): void
  close(): void
}

interface Hop {
  readonly near: Socket
  readonly far: Socket
  bytes: number
  flips: boolean
}

export async function openRelay(to: () => PeerAddress): Promise<Relay> {
  const hops: Hop[] = []
  let refusing = false
  const server = createServer((near) => {
    near.on('error', () => {})
    if (refusing) {
      near.destroy()
      return
    }
    const far = connect(splitPeerAddress(to()))
    far.on('error', () => {})
    const hop: Hop = { near, far, bytes: 0, flips: false }
    hops.push(hop)
    near.on('data', (data: Buffer) => {
      hop.bytes += data.length
      if (hop.flips) data[data.length - 1] = (data.at(-1) as number) ^ 1
      if (!far.write(data)) near.pause()
    })
    far.on('drain', () => near.resume())
    near.on('end', () => far.end())
    far.pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const isOver = ({ near, far }: Hop): boolean => near.closed && far.closed
  return {
    address: peerAddress(`127.0.0.1:${(server.address() as { port: number }).port}`),
    bytes: () => hops.map(({ bytes }) => bytes),
    open: () => hops.filter((hop) => !isOver(hop)).length,
    passed: () => hops.filter(isOver).length,
    freeze: (place) => {
      for (const [at, { near, far }] of hops.entries()) {
        if (place !== undefined && at !== place) continue
        near.removeAllListeners('data').pause()
        far.unpipe().pause()
      }
    },
    break: (place) => {
      hops[place]?.near.resetAndDestroy()
      hops[place]?.far.resetAndDestroy()
    },
    flip: (place) => {
      const hop = hops[place]
      if (hop !== undefined) hop.flips = true
    },
    refuse: (refused) => {
      refusing = refused
    },
    close: () => {
      for (const { near, far } of hops) {
        near.destroy()
        far.destroy()
      }
      server.close()
    },
  }
}
