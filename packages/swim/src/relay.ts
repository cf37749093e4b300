/**
 * Relay: pings members for somebody else, and tells how it went. Source: SWIM §3.1; the nack from Lifeguard §IV-A.
 * It pings only members that we know, so that nobody can aim us at strangers, and only so often for each who asks.
 */
import type { ActorId, Instant } from '@patina/base'
import type { SwimConfig } from './config.ts'
import type { Deadlines } from './deadlines.ts'
import type { Members } from './members.ts'
import type { Addressee, Outbox } from './outbox.ts'
import type { Timer } from './timer.ts'
import { TokenBuckets } from './token-buckets.ts'

/** Lifeguard §IV-A: a nack comes at 80 % of the timeout, before the prober's period is over. */
const NACK_SHARE = 0.8

/** Pings for others: for one who asks, and for all. */
const PER_REQUESTER = { perSecond: 20, burst: 40, keysMax: 4_096 }
const FOR_ALL = { perSecond: 200, burst: 400, keysMax: 1 }

interface Errand {
  readonly target: ActorId
  readonly requester: Addressee
  readonly probe: number
}

export interface RelayParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly deadlines: Deadlines<Timer>
  readonly outbox: Outbox
  readonly nextNumber: () => number
}

export class Relay {
  readonly #parts: RelayParts
  /** By the number of our own ping; at most `relaysMax`. */
  readonly #errands = new Map<number, Errand>()
  readonly #perRequester = new TokenBuckets(PER_REQUESTER)
  readonly #forAll = new TokenBuckets(FOR_ALL)

  constructor(parts: RelayParts) {
    this.#parts = parts
  }

  /** Pings `target` for somebody else, or says at once that we cannot. */
  requested(probe: number, target: ActorId, requester: Addressee, now: Instant): void {
    const { config, members, outbox, deadlines, nextNumber } = this.#parts
    const member = members.get(target)
    if (member === undefined || this.#errands.size >= config.relaysMax || !this.#allows(requester, now)) {
      outbox.send(requester, { kind: 'nack', probe })
      return
    }
    const errand = nextNumber()
    this.#errands.set(errand, { target, requester, probe })
    outbox.sendToMember(member, { kind: 'ping', probe: errand, target })
    deadlines.set((now + NACK_SHARE * config.probeTimeoutMs) as Instant, { kind: 'nack-due', relay: errand })
    deadlines.set((now + config.probePeriodMs) as Instant, { kind: 'relay-over', relay: errand })
  }

  ackReceived(number: number, from: ActorId): void {
    const errand = this.#errands.get(number)
    if (errand?.target !== from) return
    this.#errands.delete(number)
    this.#parts.outbox.send(errand.requester, { kind: 'ack', probe: errand.probe })
  }

  nackDue(number: number): void {
    const errand = this.#errands.get(number)
    if (errand !== undefined) this.#parts.outbox.send(errand.requester, { kind: 'nack', probe: errand.probe })
  }

  over(number: number): void {
    this.#errands.delete(number)
  }

  #allows(requester: Addressee, now: Instant): boolean {
    if (this.#perRequester.take(requester.address, now) && this.#forAll.take('', now)) return true
    this.#parts.outbox.count('swim_limited')
    return false
  }
}
