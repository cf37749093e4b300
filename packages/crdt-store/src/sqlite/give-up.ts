/**
 * Giving up: versions that nobody has any more are declared lost, here by an operator or by the word of a peer. The declaration only
 * says that they were written and what is not missed (docs/adr/0037): what is held stays held, no claim may rest on what is lost, and a copy
 * that turns up later is applied. Parts of such versions go, because nothing will complete them.
 */
import { type ActorKnowledge, type ActorVersions, type Hlc, RangeSet, type Version } from '@patina/base'
import { setSynchronous } from '@patina/sqlite'
import type { StoreParts } from './store-parts.ts'

/**
 * Takes declarations, durably; returns what is known now of the actors for whom that is something new. Own versions are left
 * out: what was written here is held. Of an actor with more than `lostRangesMax` ranges nothing more is taken.
 */
export function giveUp(parts: StoreParts, declared: readonly ActorVersions[]): ActorKnowledge[] {
  const { db, self, actors, knowledge, log, lost, transactions, limits } = parts
  const news = declared.flatMap(({ actor, versions }) => {
    const missed = knowledge.missed(actor, RangeSet.of(versions))
    const all = knowledge.lostOf(actor)
    all.addAll(missed)
    const isTaken = actor !== self.actor && !missed.isEmpty() && all.size <= limits.lostRangesMax
    return isTaken ? [{ actor, missed, all }] : []
  })
  if (news.length === 0) return []
  // An operator has been told that it is done.
  setSynchronous(db, 'FULL')
  transactions.run(() => {
    for (const { actor, missed, all } of news) {
      const ordinal = actors.ordinalOf(actor)
      lost.set(ordinal, all)
      const last = missed.last() as Version
      if (last > knowledge.head(actor)) actors.setHead(actor, last, 0 as Hlc)
      for (const version of waitingAmong(parts, actor, missed)) log.discard({ actor: ordinal, version })
    }
  })
  for (const { actor, missed } of news) knowledge.giveUp(actor, missed)
  return news.map(({ actor }) => knowledge.of(actor))
}

function waitingAmong(
  { knowledge }: StoreParts,
  actor: ActorKnowledge['actor'],
  versions: RangeSet<Version>,
): Version[] {
  return [...knowledge.waitingVersions(actor)].filter((version) => versions.has(version))
}
