/**
 * Pipe carrier: a Channel over one end of a pipe between two processes. A frame is the length of what follows in four bytes
 * and a batch of messages as structured clone, one write a frame. What was read of a frame is kept until the rest is there.
 * Knows nothing of who is at the other end: threaded-process.ts gives each thread of a child such a pipe of its own.
 */
import type { Socket } from 'node:net'
import { DefaultSerializer, deserialize } from 'node:v8'
import { assert } from '@patina/base'
import type { Channel } from './message.ts'
import { Outbox } from './outbox.ts'

const LENGTH_BYTES = 4
const NO_LENGTH = new Uint8Array(LENGTH_BYTES)

/** A batch is bounded by the outbox and the windows of streams; one chunk of a result may hold 256 MiB of JSON and a bit. */
const FRAME_BYTES_MAX = 2 ** 31

export interface PipeEnds {
  /** Calls back once when nothing comes any more, with the reason. */
  readonly ended: (listener: (reason: string) => void) => void
  readonly kill: () => void
}

export function pipeChannel<Out, In>(socket: Socket, { ended, kill }: PipeEnds): Channel<Out, In> {
  // A write to an end that is gone fails; that it is gone is reported by `ended`.
  socket.on('error', () => {})
  const outbox = new Outbox<Out>(
    (batch, taken) => (socket.writable ? socket.write(frameOf(batch), () => taken()) : taken()),
    kill,
  )
  return {
    send: (message) => outbox.push(message),
    onMessages: (listener) => {
      const frames = new Frames()
      socket.on('data', (part: Buffer) => {
        for (const frame of frames.add(part)) listener(deserialize(frame) as readonly In[])
      })
    },
    onEnd: ended,
    end: () => outbox.flushAll(() => socket.end()),
    kill,
  }
}

/** The serializer writes behind room for the length, so that nothing is copied. */
export function frameOf(batch: readonly unknown[]): Buffer {
  const serializer = new DefaultSerializer()
  serializer.writeRawBytes(NO_LENGTH)
  serializer.writeHeader()
  serializer.writeValue(batch)
  const frame = serializer.releaseBuffer()
  assert(frame.length <= FRAME_BYTES_MAX, `a frame of ${frame.length} bytes`)
  frame.writeUInt32LE(frame.length - LENGTH_BYTES)
  return frame
}

/** Cuts what a pipe gives into frames, without their lengths. */
export class Frames {
  /** Of a frame that is not complete. */
  #parts: Buffer[] = []
  #bytes = 0

  add(part: Buffer): Buffer[] {
    this.#parts.push(part)
    this.#bytes += part.length
    if (this.#bytes < this.#wanted()) return []
    let rest = this.#take()
    const frames: Buffer[] = []
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUInt32LE()
      if (rest.length < end) break
      frames.push(rest.subarray(LENGTH_BYTES, end))
      rest = rest.subarray(end)
    }
    if (rest.length > 0) {
      this.#parts.push(rest)
      this.#bytes = rest.length
    }
    return frames
  }

  /** Bytes that must be there before looking again is worth anything: joining the parts each time would be quadratic. */
  #wanted(): number {
    const [first] = this.#parts
    return first === undefined || first.length < LENGTH_BYTES
      ? LENGTH_BYTES
      : LENGTH_BYTES + first.readUInt32LE()
  }

  #take(): Buffer {
    const [first] = this.#parts
    const all = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    return all
  }
}
