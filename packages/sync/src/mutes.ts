/**
 * Mutes: origins whose changes are not broadcast for now, because an operator said so anywhere in the cluster. Each rule is
 * a register that the last writer wins, told to every member; so all converge, whatever is lost and in whichever order it
 * comes. A member that starts learns the rules from its peers, and begins with those that its host has kept.
 * A muted origin's changes still travel by anti-entropy.
 */
import type { ActorId, Hlc } from '@patina/base'
import { limits } from './config.ts'

export interface MuteRule {
  readonly origin: ActorId
  readonly muted: boolean
  /** When it was said, by the clock of the member where it was said. */
  readonly at: Hlc
}

export class Mutes {
  /** Rules that unmute stay too: an older rule that comes again must lose against them. */
  readonly #rules = new Map<ActorId, MuteRule>()

  constructor(kept: readonly MuteRule[] = []) {
    for (const rule of kept) this.learn(rule)
  }

  has(origin: ActorId): boolean {
    return this.#rules.get(origin)?.muted === true
  }

  /** Origins that are muted. */
  list(): ActorId[] {
    return this.rules().flatMap(({ origin, muted }) => (muted ? [origin] : []))
  }

  rules(): MuteRule[] {
    return [...this.#rules.values()]
  }

  /** What an operator says here and now; later than whatever was said before. `full`: too many origins are muted. */
  say(origin: ActorId, muted: boolean, at: Hlc): MuteRule | 'full' {
    const known = this.#rules.get(origin)
    const rule = { origin, muted, at: Math.max(at, (known?.at ?? 0) + 1) as Hlc }
    return this.learn(rule) ? rule : 'full'
  }

  /** Takes a rule; false where it is not news, or where there is no room for it. */
  learn(rule: MuteRule): boolean {
    const known = this.#rules.get(rule.origin)
    if (known !== undefined && !supersedes(rule, known)) return false
    if (known === undefined && this.#rules.size >= limits.mutesMax && !this.#makeRoom()) return false
    this.#rules.set(rule.origin, rule)
    return true
  }

  /** Forgets the oldest rule that mutes nobody. */
  #makeRoom(): boolean {
    let oldest: MuteRule | undefined
    for (const rule of this.#rules.values())
      if (!rule.muted && (oldest === undefined || rule.at < oldest.at)) oldest = rule
    return oldest !== undefined && this.#rules.delete(oldest.origin)
  }
}

/** The later one; of two at the same time the one that mutes. */
function supersedes(rule: MuteRule, known: MuteRule): boolean {
  return rule.at > known.at || (rule.at === known.at && rule.muted && !known.muted)
}
