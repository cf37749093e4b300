/** Rules of muting: a register per origin; the laws that let them travel in any order. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, actorId, hlc } from '@patina/base'
import fc from 'fast-check'
import { limits } from './config.ts'
import { type MuteRule, Mutes } from './mutes.ts'

const origins = [1, 2, 3].map((n) => actorId(n.toString(16).padStart(32, '0')))
const rule: fc.Arbitrary<MuteRule> = fc.record({
  origin: fc.constantFrom(...origins),
  muted: fc.boolean(),
  at: fc.nat(3).map(hlc),
})

function after(rules: readonly MuteRule[]): ReadonlySet<string> {
  const mutes = new Mutes()
  for (const each of rules) mutes.learn(each)
  return new Set(mutes.list())
}

test('the order in which rules come, and how often, decides nothing', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), fc.array(fc.nat(7), { maxLength: 8 }), (rules, again) => {
      const repeated = again.flatMap((i) => rules[i] ?? [])
      const order = [...repeated, ...rules].sort((a, b) => a.at * 7919 - b.at * 104729)
      assert.deepEqual(after([...rules.toReversed(), ...repeated]), after(rules))
      assert.deepEqual(after(order), after(rules))
    }),
  )
})

test('what an operator says is later than all that was known, whatever the clocks show', () => {
  const mutes = new Mutes()
  const [origin] = origins as [never]
  mutes.learn({ origin, muted: true, at: hlc(1_000) })
  const said = mutes.say(origin, false, hlc(5))
  assert.ok(said !== 'full' && said.at > 1_000)
  assert.equal(mutes.has(origin), false)
})

test('there is a bound: rules that unmute give way, rules that mute do not', () => {
  const mutes = new Mutes()
  const nth = (n: number): MuteRule['origin'] => actorId(n.toString(16).padStart(32, '0'))
  for (let n = 0; n < limits.mutesMax; n += 1) assert.notEqual(mutes.say(nth(n), true, hlc(n)), 'full')
  assert.equal(mutes.say(nth(9_999), true, hlc(1)), 'full')
  assert.equal(mutes.has(nth(9_999)), false)
  mutes.say(nth(7), false, hlc(1))
  assert.notEqual(mutes.say(nth(9_999), true, hlc(1)), 'full')
  assert.equal(mutes.rules().length, limits.mutesMax)
})

test('what a host has kept holds from the start, and an older word that comes later does not', () => {
  const [origin] = origins as [ActorId]
  const kept = new Mutes([{ origin, muted: false, at: hlc(9) }])
  assert.equal(kept.learn({ origin, muted: true, at: hlc(8) }), false)
  assert.deepEqual([kept.list(), kept.rules().length], [[], 1])
})
