/**
 * LaneQueues: what a session has still to send, four lanes with one bound in bytes over all. Pure. Gives out frames:
 * always the next one of the most urgent lane that has any, so that a long message of a lower lane is overtaken between
 * two of its frames. Each lane leaves room for the more urgent ones, so that a backlog that nobody takes costs them
 * nothing. What does not fit is refused, and repaired by anti-entropy.
 */
import { assert, BoundedQueue, LANES, type Lane } from '@patina/base'
import { cutFrame } from './framing.ts'
import { limits } from './limits.ts'

interface LaneQueue {
  readonly lane: Lane
  readonly messages: BoundedQueue<Uint8Array>
  /** How much of the first message has been given out. */
  offset: number
}

/** Reached at the latest by empty messages, which weigh their overhead only. */
const MESSAGES_MAX = Math.ceil(limits.sessionQueueBytesMax / limits.queuedMessageOverheadBytes)

/** all · urgent: all but the backlog · backlog: that alone */
export type LaneChoice = 'all' | 'urgent' | 'backlog'

const BACKLOG = LANES.indexOf('backlog')

export class LaneQueues {
  readonly #queues: readonly LaneQueue[] = LANES.map((lane) => ({
    lane,
    messages: new BoundedQueue<Uint8Array>(MESSAGES_MAX, 'newest'),
    offset: 0,
  }))
  /** Sum of the weights of the messages that are not given out whole; at most `sessionQueueBytesMax`. */
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  get hasBacklog(): boolean {
    return this.#queues[BACKLOG]?.messages.peek() !== undefined
  }

  /** False where the message does not fit; a message above `messageBytesMax` is a programmer's error. */
  push(lane: Lane, message: Uint8Array): boolean {
    assert(message.length <= limits.messageBytesMax, `a message of ${message.length} bytes`)
    const weight = messageWeight(message)
    const place = LANES.indexOf(lane)
    const room = limits.sessionQueueBytesMax - place * limits.laneReserveBytes
    if (this.#bytes + weight > room) return false
    const refused = this.#queues[place]?.messages.push(message)
    assert(refused === undefined, 'the bound in bytes is reached before the one in messages')
    this.#bytes += weight
    return true
  }

  /** The message of this lane of which a part was given out begins anew with its next frame. */
  restart(lane: Lane): void {
    const queue = this.#queues[LANES.indexOf(lane)]
    if (queue !== undefined) queue.offset = 0
  }

  /** Removes and returns the next frame of these lanes. */
  shiftFrame(choice: LaneChoice = 'all'): Uint8Array | undefined {
    for (const queue of this.#queues) {
      if (choice !== 'all' && (choice === 'backlog') !== (queue.lane === 'backlog')) continue
      const message = queue.messages.peek()
      if (message === undefined) continue
      const { frame, next } = cutFrame(queue.lane, message, queue.offset)
      queue.offset = next
      if (next === message.length) {
        queue.messages.shift()
        queue.offset = 0
        this.#bytes -= messageWeight(message)
      }
      return frame
    }
    return undefined
  }
}

/** What a queued message counts against the bound. */
export function messageWeight(message: Uint8Array): number {
  return message.length + limits.queuedMessageOverheadBytes
}
