/**
 * One hash over all that a node holds, so that two nodes that hold the same find out with two small messages. It covers
 * versions held, given up, and chunks of incomplete ones; heads and timestamps are hearsay, and would keep equals apart.
 */
import { type ActorKnowledge, actorToBytes, ByteWriter, compareActors } from '@patina/base'
import { hash128 } from './hash128.ts'

/** 16 bytes. The same for the same holdings in any order; linear in the number of ranges. */
export function rootHash(knowledge: readonly ActorKnowledge[], salt: Uint8Array): Uint8Array {
  const sorted = [...knowledge].sort((a, b) => compareActors(a.actor, b.actor))
  const parts = [salt, ...sorted.map(holdingsOf)]
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return hash128(bytes)
}

/** By entry, which is a value and lives until something of its actor changes. */
const holdingsMemo = new WeakMap<ActorKnowledge, Uint8Array>()

function holdingsOf(entry: ActorKnowledge): Uint8Array {
  const bytes = holdingsMemo.get(entry) ?? encodeHoldings(entry)
  holdingsMemo.set(entry, bytes)
  return bytes
}

/** Nothing for an actor of whom nothing is held: it is like one that was never heard of. */
function encodeHoldings({ actor, have, partials, lost = [] }: ActorKnowledge): Uint8Array {
  const chunks = partials.filter(({ seqs }) => seqs.length > 0).sort((a, b) => a.version - b.version)
  const writer = new ByteWriter(64)
  if (have.length === 0 && chunks.length === 0 && lost.length === 0) return writer.toBytes()
  writer.raw(actorToBytes(actor)).varint(have.length).varint(chunks.length).varint(lost.length)
  for (const { first, last } of [...have, ...lost]) writer.varint(first).varint(last)
  for (const { version, seqs } of chunks) {
    writer.varint(version).varint(seqs.length)
    for (const { first, last } of seqs) writer.varint(first).varint(last)
  }
  return writer.toBytes()
}
