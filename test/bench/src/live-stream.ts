/**
 * LiveStream: one subscription over HTTP/1.1, read as cheaply as its lines allow, because the client shares the cores with
 * the agent: of a change only the cells are parsed. LiveStreams opens many. Not a general client: packages/client is one.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Statement } from '@patina/test-cluster'
import { requestBytes } from './http-load.ts'

/** A row as it came with a change; not called for rows that went. */
export type OnRow = (cells: readonly unknown[]) => void

export class LiveStream {
  readonly #socket: Socket
  readonly #onRow: OnRow
  #rest = ''
  #isCurrent = false
  #failed: Error | undefined
  #settle: (() => void)[] = []

  /** Resolves with the end of the first rows. */
  static async open(port: number, statement: Statement, onRow: OnRow): Promise<LiveStream> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await once(socket, 'connect')
    const stream = new LiveStream(socket, onRow)
    socket.write(requestBytes('/v1/subscriptions', statement))
    await stream.#untilCurrent()
    return stream
  }

  constructor(socket: Socket, onRow: OnRow) {
    this.#socket = socket
    this.#onRow = onRow
    socket.on('data', (part: Buffer) => this.#receive(part.toString('utf8')))
    socket.on('close', () => this.#fail(new Error('the subscription was closed')))
    socket.on('error', (cause) => this.#fail(cause))
  }

  /** Why it ended by itself; undefined while it goes on. */
  get failed(): Error | undefined {
    return this.#failed
  }

  close(): void {
    this.#socket.removeAllListeners()
    this.#socket.destroy()
  }

  async #untilCurrent(): Promise<void> {
    while (!this.#isCurrent && this.#failed === undefined)
      await new Promise<void>((resolve) => this.#settle.push(resolve))
    if (this.#failed !== undefined) throw this.#failed
  }

  /** Lines of NDJSON stand among those of chunked encoding, which begin otherwise. A chunk holds whole lines. */
  #receive(part: string): void {
    const lines = (this.#rest + part).split('\n')
    this.#rest = lines.pop() as string
    for (const line of lines) {
      if (line.startsWith('{"change":')) this.#change(line)
      else if (line.startsWith('{"eoq":')) this.#isCurrent = true
      else if (line.startsWith('{"error":')) this.#fail(new Error(line))
      else if (line.startsWith('HTTP/1.1 ') && !line.startsWith('HTTP/1.1 200')) this.#fail(new Error(line))
    }
    if (this.#isCurrent) this.#wake()
  }

  #change(line: string): void {
    const [kind, , cells] = (JSON.parse(line) as { readonly change: [string, number, unknown[], number] })
      .change
    if (kind !== 'delete') this.#onRow(cells)
  }

  #fail(cause: Error): void {
    this.#failed ??= cause
    this.#wake()
  }

  #wake(): void {
    const settle = this.#settle
    this.#settle = []
    for (const resolve of settle) resolve()
  }
}
