/**
 * GivingUp: an operator declares versions lost that nobody has any more (docs/adr/0037). Refused is what somebody still has, as
 * far as this agent knows: that will come. The store records it, and the node machine tells the others.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type PortError,
  type Range,
  RangeSet,
  type Result,
  type Version,
} from '@patina/base'
import type { MissingVersions } from '@patina/sync'
import type { Logger } from 'pino'
import { sentenceOf } from './port-error.ts'

export interface GivingUpParts {
  readonly missing: () => readonly MissingVersions[]
  /** This member, and others that are alive or suspect. */
  readonly isLiving: (actor: ActorId) => boolean
  /** Records it durably. */
  readonly record: (
    actor: ActorId,
    versions: readonly Range<Version>[],
  ) => Promise<Result<readonly ActorKnowledge[], PortError>>
  /** What is known now. */
  readonly recorded: (knowledge: readonly ActorKnowledge[]) => void
  readonly log: Pick<Logger, 'warn'>
}

export type GiveUpOutcome =
  /** These are lost from now on; none where all of them were before. */
  | { readonly kind: 'done'; readonly versions: readonly Range<Version>[] }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** The store did not answer. */
  | { readonly kind: 'failed'; readonly message: string }

export class GivingUp {
  readonly #parts: GivingUpParts

  constructor(parts: GivingUpParts) {
    this.#parts = parts
  }

  missing(): readonly MissingVersions[] {
    return this.#parts.missing()
  }

  /** `versions` absent: all that is missing of the actor and that no connected member holds. */
  async giveUp(actor: ActorId, versions?: readonly Range<Version>[]): Promise<GiveUpOutcome> {
    const wanted = this.#wanted(actor, versions)
    if (!(wanted instanceof RangeSet)) return wanted
    if (wanted.isEmpty()) return { kind: 'done', versions: [] }
    const { record, recorded, log } = this.#parts
    const result = await record(actor, [...wanted])
    if (!result.ok) return { kind: 'failed', message: sentenceOf(result.error) }
    recorded(result.value)
    log.warn({ actor, versions: wanted.toString() }, 'an operator gave up versions that nobody has any more')
    return { kind: 'done', versions: [...wanted] }
  }

  #wanted(
    actor: ActorId,
    versions: readonly Range<Version>[] | undefined,
  ): RangeSet<Version> | GiveUpOutcome {
    if (this.#parts.isLiving(actor))
      return refused('alive', `${actor} is a member and running: it will bring what it has written`)
    const known = this.#parts.missing().find((entry) => entry.actor === actor)
    const missing = RangeSet.of(known?.versions ?? [])
    const held = RangeSet.of(known?.heldByOthers ?? [])
    if (versions === undefined) return missing.subtract(held)
    const wanted = RangeSet.of(versions).subtract(RangeSet.of(known?.lost ?? []))
    const others = wanted.subtract(missing)
    if (!others.isEmpty())
      return refused('not-missing', `held here, or never heard of: versions ${others} of ${actor}`)
    const elsewhere = wanted.intersect(held)
    return elsewhere.isEmpty()
      ? wanted
      : refused('held', `some connected member holds versions ${elsewhere} of ${actor}: they will come`)
  }
}

function refused(code: string, message: string): GiveUpOutcome {
  return { kind: 'refused', code, message }
}
