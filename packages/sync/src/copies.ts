/**
 * Copies: clients of this node that wait until so many other members hold a version of its own durably (`wait=N`). Every
 * open session is asked, and asked again each second, because a question may be lost; each member counts once, and what it
 * has said stays said when its session ends. A wait ends when it is satisfied or when its time is over; the version stays
 * written either way. The other side is awaited.ts.
 */
import { type ActorId, after, earliest, type Instant, millis, NEVER, type Version } from '@patina/base'
import { limits, type SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { SyncEvent } from './event.ts'

interface Wait {
  readonly version: Version
  readonly copies: number
  readonly deadline: Instant
  readonly holders: Set<ActorId>
}

export class Copies {
  readonly #config: SyncConfig
  /** By the host's token, at most `waitsMax`. */
  readonly #waits = new Map<number, Wait>()
  readonly #peers = new Set<ActorId>()
  /** Of which the peers have not been asked yet: those of one call are asked for together. */
  #unasked: Version[] = []
  #askAgainAt: Instant = NEVER

  constructor(config: SyncConfig) {
    this.#config = config
  }

  open(peer: ActorId, out: Outbox): void {
    this.#peers.add(peer)
    const versions = this.#pending()
    if (versions.length > 0) out.send([peer], 'control', { kind: 'await', versions })
  }

  close(peer: ActorId): void {
    this.#peers.delete(peer)
  }

  /** Above the bound the wait ends at once, as one whose time is over. */
  begin(
    { token, version, copies, timeoutMs }: Extract<SyncEvent, { kind: 'await-copies' }>,
    now: Instant,
    out: Outbox,
  ): void {
    if (this.#waits.size >= limits.waitsMax) {
      out.push({ kind: 'copies-counted', token, copies: 0, reached: copies <= 0 })
      return
    }
    const deadline = after(now, millis(timeoutMs))
    this.#waits.set(token, { version, copies, deadline, holders: new Set() })
    this.#unasked.push(version)
  }

  /** A peer holds these of our versions durably. */
  heldBy(peer: ActorId, versions: readonly Version[]): void {
    const held = new Set(versions)
    for (const wait of this.#waits.values()) if (held.has(wait.version)) wait.holders.add(peer)
  }

  pump(now: Instant, out: Outbox): void {
    if (this.#waits.size === 0) return
    this.#ask(now, out)
    for (const [token, { copies, deadline, holders }] of this.#waits) {
      const reached = holders.size >= copies
      if (!reached && deadline > now) continue
      this.#waits.delete(token)
      out.push({ kind: 'copies-counted', token, copies: holders.size, reached })
    }
    if (this.#waits.size === 0) this.#askAgainAt = NEVER
  }

  nextDeadline(): Instant {
    let next = this.#askAgainAt
    for (const { deadline } of this.#waits.values()) next = earliest(next, deadline)
    return next
  }

  #ask(now: Instant, out: Outbox): void {
    const isRepeated = this.#askAgainAt <= now
    const versions = isRepeated ? this.#pending() : sortedSet(this.#unasked)
    this.#unasked = []
    if (versions.length > 0) out.send([...this.#peers], 'control', { kind: 'await', versions })
    if (isRepeated || this.#askAgainAt === NEVER)
      this.#askAgainAt = after(now, millis(this.#config.awaitRepeatMs))
  }

  #pending(): Version[] {
    return sortedSet([...this.#waits.values()].map(({ version }) => version))
  }
}

function sortedSet(versions: readonly Version[]): Version[] {
  return [...new Set(versions)].sort((a, b) => a - b)
}
