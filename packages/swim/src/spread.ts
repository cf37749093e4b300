/**
 * Spread: when to speak without being asked. Gossip while there are rumors, the heal loop towards members that are down,
 * and the leave. Rumors themselves are dissemination.ts's, packets outbox.ts's.
 */
import type { Instant, Prng } from '@patina/base'
import { chooseNear, chooseSome, regionOf } from './choose.ts'
import type { SwimConfig } from './config.ts'
import type { Deadlines } from './deadlines.ts'
import type { Dissemination } from './dissemination.ts'
import type { Member, Members } from './members.ts'
import type { Outbox } from './outbox.ts'
import type { Timer } from './timer.ts'

/** Among members of one region every third round takes somebody elsewhere. */
const CROSSING_ROUNDS = 3
/** Every fourth attempt to heal goes by stream, for where datagrams are lost. */
const HEALS_PER_STREAM = 4
const LEAVE_STREAMS = 3

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
  #rounds = 0
  #heals = 0
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
    const { members, rumors, outbox } = this.#parts
    this.#gossipSet = false
    this.#gossipedAt = now
    this.#tellOneDown(now)
    for (const member of this.#peers(members.active())) {
      if (rumors.size() === 0) return
      outbox.sendToMember(member, { kind: 'gossip' })
    }
  }

  /**
   * Who went down lately may be there, and refutes when it hears of it (memberlist: gossip to the dead). Beside the others
   * and with nothing but that: after a partition half of all rumors would go to those who cannot hear them.
   */
  #tellOneDown(now: Instant): void {
    const { config, members, outbox, prng } = this.#parts
    if (members.down().size === 0) return
    const recent = [...members.down()].filter(({ since }) => now - since < config.gossipToDownMs)
    if (!prng.chance(Math.min(recent.length, members.count()), members.count())) return
    for (const { record, isUdpBlocked } of prng.sample(recent, 1)) {
      const { address, actor } = record
      const way = isUdpBlocked ? 'stream' : 'datagram'
      outbox.sendUpdate({ address, actor, way }, { record: { ...record, told: undefined }, accusers: [] })
    }
  }

  /** Near ones twice as readily; in each third round one is elsewhere, so that news crosses at once. */
  #peers(reachable: readonly Member[]): Member[] {
    const { config, outbox, prng } = this.#parts
    const region = outbox.self().told?.metadata.region ?? ''
    const peers = chooseNear(prng, reachable, config.gossipFanout, region)
    this.#rounds = (this.#rounds + 1) % CROSSING_ROUNDS
    if (this.#rounds !== 0 || peers.some((peer) => regionOf(peer) !== region)) return peers
    const [crossing] = chooseSome(prng, reachable, 1, (member) => regionOf(member) !== region)
    return crossing === undefined ? peers : [crossing, ...peers.slice(1)]
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
    const down = [...members.down()]
    if (!prng.chance(down.length, Math.max(1, members.active().length))) return
    for (const { record } of prng.sample(down, 1)) {
      this.#heals += 1
      const way = this.#heals % HEALS_PER_STREAM === 0 ? 'stream' : 'datagram'
      outbox.send({ address: record.address, actor: record.actor, way }, { kind: 'announce' })
    }
  }

  /** From now on every packet says that we left; it is told now and repeated, as datagrams get lost. */
  leave(now: Instant): void {
    const { config, rumors, outbox } = this.#parts
    const self = outbox.self()
    outbox.become({ ...self, state: 'left', incarnation: self.incarnation + 1 })
    rumors.clear()
    this.tellLeave(config.leaveRepeats, now)
  }

  /** To everybody in a small cluster; in a large one gossip carries it on. First to three by stream, which loses nothing. */
  tellLeave(left: number, now: Instant): void {
    const { config, members, deadlines, outbox, prng } = this.#parts
    if (left === config.leaveRepeats)
      for (const { record } of prng.sample(members.active(), LEAVE_STREAMS))
        outbox.send({ address: record.address, actor: record.actor, way: 'stream' }, { kind: 'gossip' })
    const told = prng.sample(members.active(), config.leaveFanout)
    for (const member of told) outbox.sendToMember(member, { kind: 'gossip' })
    if (left > 0 && told.length > 0)
      deadlines.set((now + config.gossipPeriodMs) as Instant, { kind: 'leave-again', left: left - 1 })
  }
}
