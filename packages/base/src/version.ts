/**
 * Version: per actor a dense counter from 1, +1 for each committed local request that changed something.
 * Seq: number of a row change inside its version, from 0. Both are safe integers (ADR 0002), asserted here, at the edge.
 */
import { assert } from './assert.ts'

export type Version = number & { readonly brand: 'Version' }
export type Seq = number & { readonly brand: 'Seq' }

export function isVersion(n: number): n is Version {
  return Number.isSafeInteger(n) && n >= 1
}

export function isSeq(n: number): n is Seq {
  return Number.isSafeInteger(n) && n >= 0
}

/** Checked constructor: asserts a safe integer ≥ 1. */
export function version(n: number): Version {
  assert(isVersion(n), `not a version: ${n}`)
  return n
}

/** Checked constructor: asserts a safe integer ≥ 0. */
export function seq(n: number): Seq {
  assert(isSeq(n), `not a seq: ${n}`)
  return n
}

export function nextVersion(head: Version | 0): Version {
  return version(head + 1)
}
