/**
 * What strangers do to a port, as raw sockets: many connections that say one thing and wait, packets of any bytes, and a
 * WebSocket upgrade by hand. Knows no format of ours but the upgrade's path; tests bring the bytes.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, type TLSSocket } from 'node:tls'

const HOST = '127.0.0.1'

export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

export class Crowd {
  readonly #sockets: Socket[]
  closed = 0

  /** Opens so many connections; each says `text` and then nothing. Resolves when all stand or were refused. */
  static async open(port: number, count: number, text: string | Uint8Array = ''): Promise<Crowd> {
    const sockets = Array.from({ length: count }, () => connect(port, HOST))
    const crowd = new Crowd(sockets)
    await Promise.all(
      sockets.map(
        (socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve)),
      ),
    )
    if (text.length > 0) for (const socket of sockets) socket.write(text)
    return crowd
  }

  constructor(sockets: Socket[]) {
    this.#sockets = sockets
    for (const socket of sockets)
      socket
        .resume()
        .on('error', () => {})
        .once('close', () => {
          this.closed += 1
        })
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** Sends each packet as it is; a pause after some lets the receiver keep up with what the kernel holds. */
export async function sendPackets(port: number, packets: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const packet of packets)
    await new Promise<void>((resolve) => {
      socket.send(packet, port, HOST, () => setImmediate(resolve))
    })
  socket.close()
}

/** A TLS connection with the certificate of an agent. */
export async function secureSocket(folder: string, name: string, port: number): Promise<TLSSocket> {
  const read = (...path: readonly string[]): Buffer => readFileSync(join(folder, ...path))
  const socket = connectTls({
    host: HOST,
    port,
    servername: '',
    ca: read('ca.pem'),
    cert: read(name, `${name}.pem`),
    key: read(name, `${name}-key.pem`),
  })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

/** Upgrades the connection and sends one binary frame, masked with zeros (RFC 6455 §5). Resolves when the peer hangs up. */
export async function sayBehindUpgrade(socket: TLSSocket, payload: Uint8Array): Promise<void> {
  const key = Buffer.alloc(16, 7).toString('base64')
  const head = ['GET /patina HTTP/1.1', 'Host: agent', 'Connection: Upgrade', 'Upgrade: websocket']
  socket.write([...head, 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`, '', ''].join('\r\n'))
  await once(socket, 'data')
  const frame = Buffer.concat([Uint8Array.of(0x82, 0x80 | payload.length, 0, 0, 0, 0), payload])
  socket.resume().write(frame)
  // A peer that refuses says so and waits for the closing frame; a plain end serves as well.
  socket.end()
  await once(socket, 'close')
}
