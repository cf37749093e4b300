/**
 * What a node tells of its knowledge within the limits of one message. To tell less is safe in a summary: the peer
 * believes that we lack what we have. In a basis it is not, so a basis is told whole or not at all.
 */
import type { ActorKnowledge, ActorVersions } from '@patina/base'
import { limits } from './config.ts'

/** All of it where it fits; else a run of actors from `start` on, each with its newest ranges. */
export function cutSummary(knowledge: readonly ActorKnowledge[], start: number): ActorKnowledge[] {
  const told: ActorKnowledge[] = []
  let ranges: number = limits.toldRangesMax
  for (let i = 0; i < knowledge.length && ranges > 0 && told.length < limits.toldActorsMax; i += 1) {
    const entry = knowledge[(start + i) % knowledge.length] as ActorKnowledge
    const cut = cutActor(entry, ranges)
    ranges -= cut.have.length + cut.partials.reduce((sum, { seqs }) => sum + seqs.length, 0)
    told.push(cut)
  }
  return told
}

function cutActor(entry: ActorKnowledge, rangesMax: number): ActorKnowledge {
  const have = entry.have.length <= rangesMax ? entry.have : entry.have.slice(-rangesMax)
  const partials: ActorKnowledge['partials'][number][] = []
  let left = rangesMax - have.length
  for (const partial of entry.partials.slice(-limits.toldPartialsMax)) {
    if (partial.seqs.length > left) break
    left -= partial.seqs.length
    partials.push(partial)
  }
  return { ...entry, have, partials }
}

/** Some 40 bytes for an actor, and a few for each further range: how long a whole summary would be. */
export function summaryBytes(knowledge: readonly ActorKnowledge[]): number {
  return knowledge.reduce((sum, { have, partials }) => {
    const ranges = have.length + partials.reduce((all, { seqs }) => all + 2 + seqs.length, 0)
    return sum + 36 + 4 * ranges
  }, 0)
}

/** True where the ranges may be told whole. */
export function fitsMessage(versions: readonly ActorVersions[]): boolean {
  const ranges = versions.reduce((sum, entry) => sum + entry.versions.length, 0)
  return ranges <= limits.toldRangesMax && versions.length <= limits.toldActorsMax
}
