/**
 * Which versions are held without an entry in the log? They are overwritten entirely, as far as this file knows: it saw that
 * itself, or believed a peer. A member that hears of a fork asks for them once more, because what a peer said may have
 * rested on the other half.
 */
import { type ActorVersions, RangeSet, type Version } from '@patina/base'
import type { StoreParts } from './store-parts.ts'

/** By actor; the own one is left out. Reads the index of the whole log. */
export function clearedVersions({ db, self, actors, have }: StoreParts): ActorVersions[] {
  const versions = new Map<number, RangeSet<Version>>()
  for (const { actor, first, last } of have.all()) {
    const known = versions.get(actor) ?? new RangeSet<Version>()
    known.add(first, last)
    versions.set(actor, known)
  }
  const logged = db
    .prepare<[number], Version>('SELECT DISTINCT version FROM __patina_log WHERE actor = ?')
    .pluck()
    .safeIntegers(false)
  versions.delete(self.ordinal)
  return [...versions].flatMap(([actor, held]) => {
    for (const version of logged.iterate(actor)) held.delete(version)
    return held.isEmpty() ? [] : [{ actor: actors.idOf(actor as typeof self.ordinal), versions: [...held] }]
  })
}
