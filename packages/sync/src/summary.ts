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
    ranges -= rangesOf(cut)
    told.push(cut)
  }
  return told
}

function cutActor(entry: ActorKnowledge, rangesMax: number): ActorKnowledge {
  const have = entry.have.length <= rangesMax ? entry.have : entry.have.slice(-rangesMax)
  const lost = entry.lost?.slice(0, rangesMax - have.length)
  const partials: ActorKnowledge['partials'][number][] = []
  let left = rangesMax - have.length - (lost?.length ?? 0)
  for (const partial of entry.partials.slice(-limits.toldPartialsMax)) {
    if (partial.seqs.length > left) break
    left -= partial.seqs.length
    partials.push(partial)
  }
  return lost === undefined ? { ...entry, have, partials } : { ...entry, have, lost, partials }
}

function rangesOf({ have, lost = [], partials }: ActorKnowledge): number {
  return have.length + lost.length + partials.reduce((sum, { seqs }) => sum + seqs.length, 0)
}

/** False where `cutSummary` may have left something out. */
export function isToldWhole(summary: readonly ActorKnowledge[]): boolean {
  const ranges = summary.reduce((sum, entry) => sum + rangesOf(entry), 0)
  const hasCutPartials = summary.some(({ partials }) => partials.length >= limits.toldPartialsMax)
  return ranges < limits.toldRangesMax && summary.length < limits.toldActorsMax && !hasCutPartials
}

/** Some 40 bytes for an actor, and a few for each further range: how long a whole summary would be. */
export function summaryBytes(knowledge: readonly ActorKnowledge[]): number {
  return knowledge.reduce((sum, { have, lost = [], partials }) => {
    const ranges = have.length + lost.length + partials.reduce((all, { seqs }) => all + 2 + seqs.length, 0)
    return sum + 36 + 4 * ranges
  }, 0)
}

/** True where the ranges may be told whole. */
export function fitsMessage(versions: readonly ActorVersions[]): boolean {
  const ranges = versions.reduce((sum, entry) => sum + entry.versions.length, 0)
  return ranges <= limits.toldRangesMax && versions.length <= limits.toldActorsMax
}
