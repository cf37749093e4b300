/**
 * SlowLine: a TCP hop that passes so many megabytes a second of each connection towards its end, and everything back, so
 * that what waits lies in kernel buffers and queues and no processor is busy with it.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

const TICK_MS = 2

export interface SlowLine {
  readonly address: string
  /** Where it leads; to be called before somebody connects. */
  leadTo(port: number): void
  close(): void
}

export async function openSlowLine(mbPerSecond: number): Promise<SlowLine> {
  const bytesPerTick = (mbPerSecond * 1e6 * TICK_MS) / 1_000
  let port = 0
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port, noDelay: true })
    let room = bytesPerTick
    near.setNoDelay(true)
    near.on('data', (part) => {
      far.write(part)
      room -= part.length
      if (room <= 0) near.pause()
    })
    const tick = setInterval(() => {
      room = Math.min(2 * bytesPerTick, room + bytesPerTick)
      if (room > 0) near.resume()
    }, TICK_MS)
    far.pipe(near)
    near.on('close', () => {
      clearInterval(tick)
      far.destroy()
    })
    for (const socket of [near, far]) socket.on('error', () => near.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (there) => {
      port = there
    },
    close: () => server.close(),
  }
}
