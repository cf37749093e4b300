/**
 * The program that adoption-crash.test.ts kills: adopts a snapshot of another store, writes, and adopts the next one, again and
 * again. The other one has heard some of what was written here, writes itself, and is a new actor with each process. Says each
 * changeset when it may leave the host, those of the other one when its snapshot has been adopted. Goes on until it dies.
 *
 *   adopter.ts PATH SEED
 */
import { rmSync, writeSync } from 'node:fs'
import { Prng } from '@patina/base'
import { adoptSnapshot, openStore, type Store } from '../../src/index.ts'
import { SCHEMA } from '../two-stores.ts'
import { randomRequest } from './requests.ts'

const [path, seed] = process.argv.slice(2) as [string, string]
const prng = new Prng(Number(seed))
const schema = [{ name: 'test.sql', sql: SCHEMA }]
const snapshot = `${path}.snapshot`
const other = openStore({ path: ':memory:', limits: { chunkBytesTarget: 512 } })
other.applySchema(schema)

function commit(on: Store): readonly Uint8Array[] {
  const group = Array.from({ length: 1 + prng.below(4) }, () => randomRequest(prng))
  return on.transact(group).commits.flatMap(({ changesets }) => changesets)
}

function say(changesets: readonly Uint8Array[]): void {
  writeSync(1, changesets.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`).join(''))
}

/** Opens what is there, and writes; the other one hears a part of it. */
function write(): void {
  const store = openStore({ path })
  store.applySchema(schema)
  for (let groups = 1 + prng.below(4); groups > 0; groups -= 1) {
    const written = commit(store)
    say(written)
    if (prng.chance(1, 2)) other.apply(written)
  }
  store.close()
}

for (;;) {
  write()
  const ofOther = [...commit(other), ...commit(other)]
  // A process before this one may have left its own.
  rmSync(snapshot, { force: true })
  other.snapshot(snapshot)
  // Whoever counts the time until the kill begins here.
  writeSync(1, '\n')
  adoptSnapshot(snapshot, { path })
  say(ofOther)
}
