/**
 * One hash over all that a node holds, so that two nodes that hold the same find out with two small messages. It covers
 * versions held and chunks of incomplete ones; heads and timestamps are hearsay, and would keep equals apart.
 * Part 6 adds a hash for each of 256 buckets of actors; the message has room for them.
 */
import { type ActorKnowledge, actorToBytes, ByteWriter, compareActors } from '@patina/base'
import { hash128 } from './hash128.ts'

/** 16 bytes. The same for the same holdings in any order; linear in the number of ranges. */
export function rootHash(knowledge: readonly ActorKnowledge[], salt: Uint8Array): Uint8Array {
  const writer = new ByteWriter(1024).raw(salt)
  const sorted = [...knowledge].sort((a, b) => compareActors(a.actor, b.actor))
  for (const actor of sorted) writeHoldings(writer, actor)
  return hash128(writer.toBytes())
}

/** An actor of whom nothing is held is like one that was never heard of. */
function writeHoldings(writer: ByteWriter, { actor, have, partials }: ActorKnowledge): void {
  const chunks = partials.filter(({ seqs }) => seqs.length > 0).sort((a, b) => a.version - b.version)
  if (have.length === 0 && chunks.length === 0) return
  writer.raw(actorToBytes(actor)).varint(have.length).varint(chunks.length)
  for (const { first, last } of have) writer.varint(first).varint(last)
  for (const { version, seqs } of chunks) {
    writer.varint(version).varint(seqs.length)
    for (const { first, last } of seqs) writer.varint(first).varint(last)
  }
}
