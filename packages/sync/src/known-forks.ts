/**
 * KnownForks: which actors have forked, as far as this node has seen or heard, and who repairs them. Whoever hears that its
 * own actor is among them gives it up. Where nobody repairs, because both halves are gone, those that know of it do after
 * a while; the greater actors first, because who is not above the forked actor must take a new one. Several at once
 * do no harm (docs/adr/0020).
 */
import { type ActorId, after, earliest, type Instant, millis, NEVER, type Prng } from '@patina/base'
import type { SyncConfig } from './config.ts'
import type { ForkNews } from './message.ts'
import type { KnownBefore } from './second-fetch.ts'

/** Told of and kept; above it the one known for longest that we do not repair is forgotten. */
export const FORKS_MAX = 1_024

interface Fork {
  readonly actor: ActorId
  isOurs: boolean
  /** When we repair it unless somebody else does; undefined: counted from the first look on. */
  standInAt: Instant | undefined
}

export class KnownForks {
  readonly #self: ActorId
  readonly #config: SyncConfig
  readonly #prng: Prng
  readonly #forks: Map<ActorId, Fork> = new Map()
  /** By peer with a session: what it says that it repairs. */
  readonly #repairedBy: Map<ActorId, Set<ActorId>> = new Map()

  constructor(
    self: ActorId,
    { abandoned, forks }: Pick<KnownBefore, 'abandoned' | 'forks'>,
    config: SyncConfig,
    prng: Prng,
  ) {
    this.#self = self
    this.#config = config
    this.#prng = prng
    for (const actor of forks) this.#forks.set(actor, { actor, isOurs: false, standInAt: undefined })
    for (const actor of abandoned) this.#forks.set(actor, { actor, isOurs: true, standInAt: NEVER })
  }

  get count(): number {
    return this.#forks.size
  }

  actors(): ActorId[] {
    return [...this.#forks.keys()]
  }

  has(actor: ActorId): boolean {
    return this.#forks.has(actor)
  }

  /** Those that this node writes anew. */
  ours(): ActorId[] {
    return [...this.#forks.values()].filter(({ isOurs }) => isOurs).map(({ actor }) => actor)
  }

  news(): ForkNews[] {
    return [...this.#forks.values()].map(({ actor, isOurs }) => ({ actor, isRepairedHere: isOurs }))
  }

  open(peer: ActorId): void {
    this.#repairedBy.set(peer, new Set())
  }

  close(peer: ActorId): void {
    this.#repairedBy.delete(peer)
  }

  heardRepair(peer: ActorId, actor: ActorId): void {
    this.#repairedBy.get(peer)?.add(actor)
  }

  /** True where it is new. */
  learn(actor: ActorId, now: Instant): boolean {
    if (this.#forks.has(actor)) return false
    this.#forks.set(actor, { actor, isOurs: false, standInAt: this.#standInAt(actor, now) })
    if (this.#forks.size <= FORKS_MAX) return true
    for (const { actor: oldest, isOurs } of this.#forks.values())
      if (!isOurs && this.#forks.delete(oldest)) break
    return true
  }

  /** The store has given it up, and writes it anew. */
  takeOver(actor: ActorId): void {
    this.#forks.set(actor, { actor, isOurs: true, standInAt: NEVER })
  }

  /** Those that nobody with a session repairs, and whose time has come. */
  unrepaired(now: Instant): ActorId[] {
    const due: ActorId[] = []
    for (const fork of this.#forks.values()) {
      fork.standInAt ??= this.#standInAt(fork.actor, now)
      if (fork.standInAt > now) continue
      fork.standInAt = this.#standInAt(fork.actor, now)
      if (!this.#isRepairedElsewhere(fork.actor)) due.push(fork.actor)
    }
    return due
  }

  nextDeadline(): Instant {
    let next = NEVER
    for (const { standInAt = 0 as Instant } of this.#forks.values()) next = earliest(next, standInAt)
    return next
  }

  /** Who writes as the actor still will hear of it by the same session. */
  #isRepairedElsewhere(actor: ActorId): boolean {
    if (this.#repairedBy.has(actor)) return true
    return [...this.#repairedBy.values()].some((repaired) => repaired.has(actor))
  }

  #standInAt(actor: ActorId, now: Instant): Instant {
    const { standInMs } = this.#config
    const first = this.#self > actor ? standInMs : 3 * standInMs
    return after(now, millis(first + this.#prng.below(standInMs)))
  }
}
