/**
 * Spread: when to speak without being asked. Gossip while there are rumors, the heal loop towards members that are down,
 * and the leave. Rumors themselves are dissemination.ts's, packets outbox.ts's.
 */
import type { Instant, Prng } from '@patina/base'
import type { SwimConfig } from './config.ts'
import type { Deadlines } from './deadlines.ts'
import type { Dissemination } from './dissemination.ts'
import { isActive } from './member.ts'
import type { Members } from './members.ts'
import type { Outbox } from './outbox.ts'
import type { Timer } from './timer.ts'

export interface SpreadParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly rumors: Dissemination
  readonly deadlines: Deadlines<Timer>
  readonly outbox: Outbox
  readonly prng: Prng
}

export class Spread {
  readonly #parts: SpreadParts
  #gossipSet = false
  #gossipedAt: Instant = Number.NEGATIVE_INFINITY as Instant

  constructor(parts: SpreadParts) {
    this.#parts = parts
  }

  /** Sets the gossip timer while there is something to tell and somebody to tell it to: at once after a quiet time. */
  schedule(now: Instant): void {
    const { rumors, members, deadlines, config } = this.#parts
    if (this.#gossipSet || rumors.size() === 0) return
    if (members.active().length === 0) {
      rumors.clear()
      return
    }
    this.#gossipSet = true
    const at = Math.max(now, this.#gossipedAt + config.gossipPeriodMs) as Instant
    deadlines.set(at, { kind: 'gossip' })
  }

  /** SWIM §4.1 with packets of its own, as memberlist: rumors do not wait for the next probe. */
  gossip(now: Instant): void {
    const { config, members, rumors, outbox, prng } = this.#parts
    this.#gossipSet = false
    this.#gossipedAt = now
    const reachable = [...members.all()].filter(({ record, since }) =>
      record.state === 'down' ? now - since < config.gossipToDownMs : isActive(record.state),
    )
    for (const member of prng.sample(reachable, config.gossipFanout)) {
      if (rumors.size() === 0) return
      outbox.sendToMember(member, { kind: 'gossip' })
    }
  }

  /**
   * Announces to one member that is down, so that a partition of any length heals without seeds. The chance is that of
   * serf, down of active members: however large the cluster, a member that is down hears about one announce a period.
   */
  heal(now: Instant): void {
    const { config, members, deadlines, outbox, prng } = this.#parts
    members.forget(config.tombstoneMs, now)
    const pause = config.healPeriodMs + prng.below(Math.ceil(config.healPeriodMs / 5))
    deadlines.set((now + pause) as Instant, { kind: 'heal' })
    const down = [...members.all()].filter(({ record }) => record.state === 'down')
    if (!prng.chance(down.length, Math.max(1, members.active().length))) return
    for (const member of prng.sample(down, 1)) outbox.sendToMember(member, { kind: 'announce' })
  }

  /** From now on every packet says that we left; it is told now and repeated, as datagrams get lost. */
  leave(now: Instant): void {
    const { config, rumors, outbox } = this.#parts
    const self = outbox.self()
    outbox.become({ ...self, state: 'left', incarnation: self.incarnation + 1 })
    rumors.clear()
    this.tellLeave(config.leaveRepeats, now)
  }

  /** To everybody in a small cluster; in a large one gossip carries it on. */
  tellLeave(left: number, now: Instant): void {
    const { config, members, deadlines, outbox, prng } = this.#parts
    const told = prng.sample(members.active(), config.leaveFanout)
    for (const member of told) outbox.sendToMember(member, { kind: 'gossip' })
    if (left > 0 && told.length > 0)
      deadlines.set((now + config.gossipPeriodMs) as Instant, { kind: 'leave-again', left: left - 1 })
  }
}
