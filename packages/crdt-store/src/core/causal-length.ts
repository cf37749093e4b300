/**
 * Causal length of a row (Yu & Rostad, "A Low-Cost Set CRDT Based on Causal Lengths", 2020): odd = the row lives,
 * even = it is deleted, 0 = never seen. Each insert after a delete and each delete adds one; the greater length wins.
 */
import { assert, type CausalLength } from '@patina/base'

export function isAlive(cl: CausalLength): boolean {
  return cl % 2 === 1
}

/** The length after an insert into a row that does not live. */
export function nextLife(cl: CausalLength): CausalLength {
  assert(!isAlive(cl), `the row lives already (causal length ${cl})`)
  return cl + 1
}

/** The length after the delete of a row that lives. */
export function nextDeath(cl: CausalLength): CausalLength {
  assert(isAlive(cl), `the row does not live (causal length ${cl})`)
  return cl + 1
}
