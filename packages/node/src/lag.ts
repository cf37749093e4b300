/**
 * Lag: what sync knows of actors joined with what swim believes of members. An actor that is no live member has no age: nobody
 * could tell what it has written. A live member that has never told its head, or told one that is not held, has one without
 * a bound.
 */
import { type ActorId, compareActors, type Millis, millis, NEVER } from '@patina/base'
import type { MemberView } from '@patina/swim'
import type { ActorLag } from '@patina/sync'

/** How old this node's view of one live member is; undefined: it has never been complete. */
export interface ViewAge {
  readonly actor: ActorId
  readonly ageMs: Millis | undefined
}

/** Alive or suspect: it may write at this moment. */
export function liveActors(members: readonly MemberView[]): ActorId[] {
  return members.flatMap(({ actor, state }) => (state === 'alive' || state === 'suspect' ? [actor] : []))
}

/** One for each actor that is known of, and for each live member; by actor. */
export function lagOf(known: readonly ActorLag[], self: ActorId, live: readonly ActorId[]): ActorLag[] {
  const alive = new Set([self, ...live])
  const heardOf = new Set(known.map(({ actor }) => actor))
  const silent = [...alive].filter((actor) => !heardOf.has(actor))
  return [
    ...known.map((lag) => (alive.has(lag.actor) ? lag : { ...lag, ageMs: undefined })),
    ...silent.map((actor) => ({ actor, version: 0 as const, behind: 0, ageMs: ageOfSilent(actor, self) })),
  ].sort((a, b) => compareActors(a.actor, b.actor))
}

/** This node knows what it has written, if nothing. */
function ageOfSilent(actor: ActorId, self: ActorId): Millis | undefined {
  return actor === self ? millis(0) : undefined
}

/** undefined where this node is alone. */
export function oldestView(ages: readonly ViewAge[]): ViewAge | undefined {
  let oldest: ViewAge | undefined
  for (const view of ages) if (oldest === undefined || ageOf(view) > ageOf(oldest)) oldest = view
  return oldest
}

function ageOf({ ageMs }: ViewAge): number {
  return ageMs ?? NEVER
}
