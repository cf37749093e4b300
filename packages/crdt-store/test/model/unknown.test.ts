import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runUnknownWorld, type UnknownRule } from './unknown-world.ts'

const WORLDS = 400

function firstFault(rule: UnknownRule): string | undefined {
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const fault = runUnknownWorld(seed, rule)
    if (fault !== undefined) return fault
  }
  return undefined
}

test('known and unknown parts of a row together are the merge of a node that knows all, at every step', () => {
  assert.equal(firstFault('ours'), undefined)
})

test('the same world finds cells of an earlier life that stay when a new one comes', () => {
  assert.match(firstFault('keeps-old-lives') ?? 'nothing', /holds/)
})

test('and rows of unknown tables that have no life of their own', () => {
  assert.match(firstFault('no-life') ?? 'nothing', /holds/)
})
