/**
 * GossipProxy: stands before one agent's gossip port, UDP and TCP under one number, so that a test can cut its links, lose
 * packets, let connections stand still, and heal them. Real packets and real connections pass through; nothing is decoded. The
 * agent advertises the proxy's address.
 */
import dgram from 'node:dgram'
import net from 'node:net'

const HOST = '127.0.0.1'
/** Ports that are free for TCP may be taken for UDP. */
const OPEN_ATTEMPTS = 20

export class GossipProxy {
  readonly port: number
  readonly #targetPort: number
  readonly #server: net.Server
  readonly #front: dgram.Socket
  readonly #connections = new Set<net.Socket>()
  /** Per sender a socket of its own, so that answers find their way back. */
  readonly #backs = new Map<string, dgram.Socket>()
  #isCut = false
  #areConnectionsCut = false
  /** Of the packets, each way. */
  #lostShare = 0
  #bytes = 0
  /** Of connections; above it they stand still. */
  #connectionBytesLeft = Number.POSITIVE_INFINITY

  static async open(targetPort: number): Promise<GossipProxy> {
    for (let attempt = 1; ; attempt += 1) {
      const server = await listen(0)
      const front = await bind((server.address() as net.AddressInfo).port)
      if (front !== undefined) return new GossipProxy(targetPort, server, front)
      server.close()
      if (attempt === OPEN_ATTEMPTS) throw new Error('no port is free for both TCP and UDP')
    }
  }

  constructor(targetPort: number, server: net.Server, front: dgram.Socket) {
    this.port = (server.address() as net.AddressInfo).port
    this.#targetPort = targetPort
    this.#server = server
    this.#front = front
    server.on('connection', (socket) => this.#forward(socket))
    front.on('message', (bytes, from) => {
      if (this.#isLost()) return
      this.#bytes += bytes.length
      this.#backOf(from).send(bytes, targetPort, HOST)
    })
  }

  /** What has passed, packets and connections, both ways; without headers of IP. */
  get bytes(): number {
    return this.#bytes
  }

  /** Closes every connection, refuses new ones, drops every packet. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#connections) socket.destroy()
  }

  /** Closes every connection and refuses new ones; packets pass. */
  cutConnections(): void {
    this.#areConnectionsCut = true
    for (const socket of this.#connections) socket.destroy()
  }

  /** Drops every packet; connections stay, as behind a firewall that knows no UDP. */
  cutDatagrams(): void {
    this.lose(1)
  }

  /** Loses this share of all packets, each way, by chance. */
  lose(share: number): void {
    this.#lostShare = share
  }

  /** Lets so many bytes through all connections together, both ways; then they stand, with what is on its way, until `heal`. */
  holdConnectionsAfter(bytes: number): void {
    this.#connectionBytesLeft = bytes
  }

  heal(): void {
    this.#isCut = false
    this.#areConnectionsCut = false
    this.#lostShare = 0
    this.#connectionBytesLeft = Number.POSITIVE_INFINITY
    for (const socket of this.#connections) socket.resume()
  }

  close(): void {
    this.cut()
    this.#server.close()
    this.#front.close()
    for (const back of this.#backs.values()) back.close()
  }

  #forward(socket: net.Socket): void {
    if (this.#isCut || this.#areConnectionsCut) {
      socket.destroy()
      return
    }
    const target = net.connect(this.#targetPort, HOST)
    for (const [one, other] of [
      [socket, target],
      [target, socket],
    ] as const) {
      this.#connections.add(one)
      one.on('data', (bytes: Buffer) => this.#pass(bytes, one, other))
      one.on('end', () => other.end())
      other.on('drain', () => this.#goOn(one))
      if (this.#connectionBytesLeft <= 0) one.pause()
      one.on('error', () => other.destroy())
      one.on('close', () => {
        other.destroy()
        this.#connections.delete(one)
      })
    }
  }

  #pass(bytes: Buffer, from: net.Socket, to: net.Socket): void {
    this.#bytes += bytes.length
    this.#connectionBytesLeft -= bytes.length
    if (!to.write(bytes)) from.pause()
    if (this.#connectionBytesLeft <= 0) for (const socket of this.#connections) socket.pause()
  }

  #goOn(socket: net.Socket): void {
    if (this.#connectionBytesLeft > 0) socket.resume()
  }

  #isLost(): boolean {
    return this.#isCut || Math.random() < this.#lostShare
  }

  #backOf(from: dgram.RemoteInfo): dgram.Socket {
    const known = this.#backs.get(`${from.address}:${from.port}`)
    if (known !== undefined) return known
    const back = dgram.createSocket('udp4')
    back.on('message', (bytes) => {
      if (this.#isLost()) return
      this.#bytes += bytes.length
      this.#front.send(bytes, from.port, from.address)
    })
    this.#backs.set(`${from.address}:${from.port}`, back)
    return back
  }
}

function listen(port: number): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject)
    server.listen(port, HOST, () => resolve(server))
  })
}

/** undefined where the port is taken. */
function bind(port: number): Promise<dgram.Socket | undefined> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4').once('error', () => resolve(undefined))
    socket.bind(port, HOST, () => resolve(socket))
  })
}
