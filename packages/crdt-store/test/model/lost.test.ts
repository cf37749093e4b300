import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, Prng } from '@patina/base'
import { differing } from './clearing-world.ts'
import { LostNode, type Meaning, runLostWorld } from './lost-world.ts'

const WORLDS = 600

function firstFault(meaning: Meaning): string | undefined {
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const fault = runLostWorld(seed, meaning)
    if (fault !== undefined) return fault
  }
  return undefined
}

test('what is given up stands apart from what is held: equal knowledge is equal content, and in the end nobody misses anything', () => {
  assert.equal(firstFault('apart'), undefined)
})

test('given up counted as held: whoever comes back with a copy is asked for nothing', () => {
  assert.match(firstFault('held') ?? 'nothing', / by /)
})

test('a copy of what was given up refused: those who have it and those who gave it up differ for ever', () => {
  assert.match(firstFault('refused') ?? 'nothing', /do not come to equal knowledge/)
})

test('claims that rest on what was given up: the winner is gone, and what it had beaten is not taken from who has it', () => {
  const differs = (meaning: Meaning): string | undefined => {
    const [writer, overwriter, reader, told] = ['a', 'b', 'c', 'd'].map(
      (name) => new LostNode(actorId(name.padStart(32, '0')), meaning),
    ) as [LostNode, LostNode, LostNode, LostNode]
    const beaten = writer.write(new Set([0]), 1)
    reader.take(beaten)
    overwriter.take(beaten)
    const winner = overwriter.write(new Set([0]), 2)
    const prng = new Prng(1)
    // Its claim arrives and its entry does not; then it is gone for good, with the writer.
    told.believe(overwriter.serve(told, prng, 100).claim)
    told.declare([{ actor: winner.actor, versions: [{ first: winner.version, last: winner.version }] }])
    told.learnFrom(reader, prng, 100)
    return differing([told, reader])
  }
  assert.match(differs('covers') ?? 'nothing', / by /)
  assert.equal(differs('apart'), undefined)
})

test('given up by each node for itself: the others miss it for ever', () => {
  assert.match(firstFault('untold') ?? 'nothing', /do not come to equal knowledge|misses something/)
})
