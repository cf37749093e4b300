/** A program that is killed with SIGKILL, what it said before, and what of that a store has; for tests of crashes. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { type ActorId, type ChangesetHeader, decodeChangesetHeader } from '@patina/base'
import type { Store } from '../../src/index.ts'
import { rows } from '../two-stores.ts'

/** Seed of the moments and of what the programs do; when exactly a kill comes, no seed can say. */
export const SEED: number = Number(process.env.SEED ?? 1)

/** How often to kill: `CRASHES` of the environment, or fewer. */
export function crashes(otherwise: number): number {
  return Number(process.env.CRASHES ?? otherwise)
}

/** The changesets that the program said before it died, `ms` after its first empty line. */
export async function untilKilled(
  t: TestContext,
  [program, ...args]: readonly [string, ...string[]],
  ms: number,
): Promise<Uint8Array[]> {
  const child = spawn(process.execPath, ['--conditions=@patina/source', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const closed = once(child, 'close')
  let text = ''
  child.stdout.setEncoding('utf8')
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  child.stdout.on('data', (more: string) => {
    text += more
    if (/^\n|\n\n/.test(text)) resolve()
  })
  child.stdout.on('end', resolve)
  await begun
  setTimeout(() => child.kill('SIGKILL'), ms)
  const [code, signal] = await closed
  assert.deepEqual([code, signal], [null, 'SIGKILL'], 'it went on until it was killed')
  // A last line without its end was being said.
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'base64'))
}

/** Whether the store holds the version, or this part of it. */
export function isThere(store: Store, bytes: Uint8Array): boolean {
  const { actor, version, firstSeq, lastSeq } = headerOf(bytes)
  const known = store.knowledge().find((held) => held.actor === actor)
  if (known?.have.some(({ first, last }) => first <= version && version <= last)) return true
  const partial = known?.partials.find((waiting) => waiting.version === version)
  return partial?.seqs.some(({ first, last }) => first <= firstSeq && lastSeq <= last) ?? false
}

/** A file that was just opened agrees with itself, and lacks nothing that was said. */
export function checkOpened(store: Store, heard: readonly Uint8Array[], where: string): void {
  assert.deepEqual(store.verify(), [], where)
  assert.deepEqual(rows(store, 'PRAGMA integrity_check'), [['ok']], where)
  for (const bytes of heard)
    assert.ok(isThere(store, bytes), `${where}: ${nameOf(bytes)} was said and is lost`)
}

/** All changesets of these actors that the store has, as it would serve them. */
export function servedBy(store: Store, isWanted: (actor: ActorId) => boolean): readonly Uint8Array[] {
  const needs = store
    .knowledge()
    .filter(({ actor }) => isWanted(actor))
    .map(({ actor, have }) => ({ kind: 'versions' as const, actor, versions: have }))
  return store.serve(needs, Number.MAX_SAFE_INTEGER).changesets
}

/** What was said under a name, is there with the same bytes; what is there is noted. */
export function checkContents(
  said: Map<string, Uint8Array>,
  served: readonly Uint8Array[],
  where: string,
): void {
  for (const bytes of served) {
    const before = said.get(nameOf(bytes))
    const isSame = before === undefined || Buffer.from(before).equals(bytes)
    assert.ok(isSame, `${where}: ${nameOf(bytes)} has two contents`)
    said.set(nameOf(bytes), bytes)
  }
}

/** Actor, version and part. */
export function nameOf(bytes: Uint8Array): string {
  const { actor, version, firstSeq, lastSeq } = headerOf(bytes)
  return `${actor}/${version}/${firstSeq}-${lastSeq}`
}

export function headerOf(bytes: Uint8Array): ChangesetHeader {
  const decoded = decodeChangesetHeader(bytes)
  assert.ok(decoded.ok)
  return decoded.value.header
}
