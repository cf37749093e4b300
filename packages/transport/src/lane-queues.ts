/**
 * LaneQueues: what a session has still to send, four lanes with one bound in bytes over all. Pure. Gives out frames:
 * always the next one of the most urgent lane that has any, so that a long message of a lower lane is overtaken between
 * two of its frames. Each lane leaves room for the more urgent ones, so that a backlog that nobody takes costs them
 * nothing. What does not fit is refused, and repaired by anti-entropy.
 */
import { assert, BoundedQueue, LANES, type Lane } from '@patina/base'
import { cutFrame } from './framing.ts'
import { limits } from './limits.ts'
import type { SendOrder } from './transport.ts'

interface LaneQueue {
  readonly lane: Lane
  /** Before the others of the lane. */
  readonly first: BoundedQueue<Uint8Array>
  readonly messages: BoundedQueue<Uint8Array>
  /** Where the message comes from of which a part has been given out, and how much of it; undefined and 0: none has begun. */
  begun: BoundedQueue<Uint8Array> | undefined
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
    first: new BoundedQueue<Uint8Array>(MESSAGES_MAX, 'newest'),
    messages: new BoundedQueue<Uint8Array>(MESSAGES_MAX, 'newest'),
    begun: undefined,
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
    const backlog = this.#queues[BACKLOG]
    return backlog !== undefined && nextOf(backlog).peek() !== undefined
  }

  /**
   * False where the message does not fit; a message above `messageBytesMax` is a programmer's error. `first`: it goes before
   * the messages of its lane that have not begun and are not themselves first.
   */
  push(lane: Lane, message: Uint8Array, order: SendOrder = 'in-turn'): boolean {
    assert(message.length <= limits.messageBytesMax, `a message of ${message.length} bytes`)
    const weight = messageWeight(message)
    const place = LANES.indexOf(lane)
    const room = limits.sessionQueueBytesMax - place * limits.laneReserveBytes
    if (this.#bytes + weight > room) return false
    const queue = this.#queues[place]
    const refused = (order === 'first' ? queue?.first : queue?.messages)?.push(message)
    assert(refused === undefined, 'the bound in bytes is reached before the one in messages')
    this.#bytes += weight
    return true
  }

  /** The message of this lane of which a part was given out begins anew with its next frame. */
  restart(lane: Lane): void {
    const queue = this.#queues[LANES.indexOf(lane)]
    if (queue === undefined) return
    queue.offset = 0
    queue.begun = undefined
  }

  /** Removes and returns the next frame of these lanes. */
  shiftFrame(choice: LaneChoice = 'all'): Uint8Array | undefined {
    for (const queue of this.#queues) {
      if (choice !== 'all' && (choice === 'backlog') !== (queue.lane === 'backlog')) continue
      const messages = nextOf(queue)
      const message = messages.peek()
      if (message === undefined) continue
      const { frame, next } = cutFrame(queue.lane, message, queue.offset)
      queue.begun = messages
      queue.offset = next
      if (next === message.length) {
        messages.shift()
        queue.begun = undefined
        queue.offset = 0
        this.#bytes -= messageWeight(message)
      }
      return frame
    }
    return undefined
  }
}

/** Where the next frame of a lane comes from: a message that has begun is finished, because a lane carries one at a time. */
function nextOf({ begun, first, messages }: LaneQueue): BoundedQueue<Uint8Array> {
  return begun ?? (first.size > 0 ? first : messages)
}

/** What a queued message counts against the bound. */
export function messageWeight(message: Uint8Array): number {
  return message.length + limits.queuedMessageOverheadBytes
}
