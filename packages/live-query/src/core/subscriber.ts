/**
 * Subscriber: what one listener has still to be sent. Its buffer is bounded; a listener that falls behind loses what waits
 * for it and gets one last line that says so and from which change it can resume. Nobody else notices.
 * Changes go in in order and come out in order, each once, up to the end (I-LIVE-3). Does not send anything itself: a
 * shell takes chunks when its consumer asks, and is woken when there is something to take.
 */
import { assert } from '@patina/base'
import { type ErrorForm, errorLine, laggedFault, type StreamFault } from './wire.ts'

/** A chunk collects lines up to this size; a line that is longer is a chunk of its own. */
const CHUNK_BYTES = 64 * 1024

export interface SubscriberOptions {
  readonly bufferBytesMax: number
  /** The last change that the listener has seen; undefined where it waits for a snapshot. */
  readonly from: number | undefined
  readonly errors: ErrorForm
  /** It wants to know where the changes of a run end. */
  readonly marks: boolean
}

/** What one run changed, as lines that all listeners share. */
export interface ToldRun {
  readonly lines: readonly Uint8Array[]
  /** Of the first line. */
  readonly firstChangeId: number
  readonly mark: Uint8Array
}

interface Queued {
  readonly bytes: Uint8Array
  /** The change that the line tells of; undefined for lines of a snapshot. */
  readonly changeId: number | undefined
  /** Owned by others as well (a snapshot): it costs this buffer nothing. */
  readonly shared: boolean
}

export class Subscriber {
  readonly wantsMarks: boolean
  readonly #bufferBytesMax: number
  readonly #errors: ErrorForm
  #queue: Queued[] = []
  #head = 0
  /** Of what waits, shared lines left out. */
  #waitingBytes = 0
  #heldBytes = 0
  /** The last change that was taken, or that the listener brought along. */
  #lastTaken: number | undefined
  #closing = false
  #wake: () => void = () => {}

  constructor({ bufferBytesMax, from, errors, marks }: SubscriberOptions) {
    this.wantsMarks = marks
    this.#bufferBytesMax = bufferBytesMax
    this.#errors = errors
    this.#lastTaken = from
  }

  /** Of everything that waits, shared lines too. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** True once no line will come any more; those that wait are still to be taken. */
  get isClosing(): boolean {
    return this.#closing
  }

  /** Called whenever there may be something to take. */
  onReady(wake: () => void): void {
    this.#wake = wake
  }

  /** Lines that others hold as well, such as a snapshot; `changeId`: what they bring the listener up to. */
  pushShared(bytes: Uint8Array, changeId: number | undefined): void {
    this.#push({ bytes, changeId, shared: true })
  }

  /**
   * The changes of a run, and the mark behind them where it is wanted: they come out together as far as a chunk holds them.
   * False when the listener has fallen behind with them: then it is over for it. `lowestKept`: from which change on it could
   * come back.
   */
  pushRun({ lines, firstChangeId, mark }: ToldRun, lowestKept: number): boolean {
    if (this.#closing) return false
    const isThere =
      lines.every((line, i) => this.#enqueueChange(line, firstChangeId + i)) &&
      (!this.wantsMarks || this.#enqueueChange(mark, firstChangeId + lines.length - 1))
    if (isThere) this.#wake()
    else this.#lag(lowestKept)
    return isThere
  }

  /** Ends it after what waits. */
  end(): void {
    this.#closing = true
    this.#wake()
  }

  /** Ends it after what waits, with a line that says why. */
  fail(fault: StreamFault): void {
    if (this.#closing) return
    this.#push({ bytes: errorLine(fault, this.#errors), changeId: undefined, shared: true })
    this.end()
  }

  /** The next bytes to send; `wait`: nothing is there yet; `end`: nothing will come. */
  take(): Uint8Array | 'wait' | 'end' {
    const lines: Uint8Array[] = []
    let bytes = 0
    while (this.#head < this.#queue.length) {
      const next = this.#queue[this.#head] as Queued
      if (bytes > 0 && bytes + next.bytes.length > CHUNK_BYTES) break
      lines.push(next.bytes)
      bytes += next.bytes.length
      this.#head += 1
      this.#heldBytes -= next.bytes.length
      if (!next.shared) this.#waitingBytes -= next.bytes.length
      if (next.changeId !== undefined) this.#lastTaken = next.changeId
    }
    this.#forgetTaken()
    if (lines.length === 0) return this.#closing ? 'end' : 'wait'
    return lines.length === 1 ? (lines[0] as Uint8Array) : joined(lines, bytes)
  }

  /** Drops everything: the listener has gone. */
  abandon(): void {
    this.#clear()
    this.#closing = true
  }

  #lag(lowestKept: number): void {
    this.#clear()
    const last = this.#lastTaken
    this.fail(laggedFault(last, last !== undefined && last + 1 >= lowestKept))
  }

  /** False where there is no room. */
  #enqueueChange(bytes: Uint8Array, changeId: number): boolean {
    if (this.#waitingBytes + bytes.length > this.#bufferBytesMax) return false
    this.#enqueue({ bytes, changeId, shared: false })
    return true
  }

  #push(queued: Queued): void {
    assert(!this.#closing, 'a line for a subscriber that has ended')
    this.#enqueue(queued)
    this.#wake()
  }

  #enqueue(queued: Queued): void {
    this.#queue.push(queued)
    this.#heldBytes += queued.bytes.length
    if (!queued.shared) this.#waitingBytes += queued.bytes.length
  }

  #clear(): void {
    this.#queue = []
    this.#head = 0
    this.#waitingBytes = 0
    this.#heldBytes = 0
  }

  /** Moving the rest costs its length, so it is done only when half of the array is behind us. */
  #forgetTaken(): void {
    if (this.#head * 2 <= this.#queue.length) return
    this.#queue = this.#queue.slice(this.#head)
    this.#head = 0
  }
}

function joined(lines: readonly Uint8Array[], bytes: number): Uint8Array {
  const chunk = new Uint8Array(bytes)
  let at = 0
  for (const line of lines) {
    chunk.set(line, at)
    at += line.length
  }
  return chunk
}
