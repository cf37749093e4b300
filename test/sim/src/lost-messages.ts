/**
 * LostMessages: which messages of replication a fleet loses on purpose, so that each mechanism is seen to bring copies
 * together without the other: eager broadcast, comparison and repair. The body of a message is told by its first byte
 * behind the service (proto/sync.proto); what else goes over the session, membership and schema words, is left alone.
 */
import { SERVICE } from '@patina/node'

export interface MessageFaults {
  /** False: no fresh changesets leave. */
  readonly broadcast: boolean
  /** False: nobody compares what is held, and nothing is asked for. */
  readonly antiEntropy: boolean
  /** Of what is left, each so many-th message is lost, fleet-wide; 0: none. */
  readonly dropEvery: number
}

export const NO_MESSAGE_FAULTS: MessageFaults = { broadcast: true, antiEntropy: true, dropEvery: 0 }

/** Tags of the bodies: field number · 8 + 2. */
const CHANGES = 0x0a
/** Digest, Equal, Summary, Request, Batch, Credit, Refusal, Buckets. */
const ANTI_ENTROPY: readonly number[] = [0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42, 0x4a]

export class LostMessages {
  lost = 0
  readonly #faults: MessageFaults
  #seen = 0

  constructor(faults: MessageFaults) {
    this.#faults = faults
  }

  /** Asked once for each message that a machine sends. */
  passes(message: Uint8Array): boolean {
    const isLost = this.#isLost(message)
    if (isLost) this.lost += 1
    return !isLost
  }

  #isLost([service, tag]: Uint8Array): boolean {
    const { broadcast, antiEntropy, dropEvery } = this.#faults
    if (service !== SERVICE.sync || tag === undefined) return false
    if (!broadcast && tag === CHANGES) return true
    if (!antiEntropy && ANTI_ENTROPY.includes(tag)) return true
    this.#seen += 1
    return dropEvery > 0 && this.#seen % dropEvery === 0
  }
}
