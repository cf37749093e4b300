/**
 * The program that crash.test.ts kills: writes groups of requests, applies what another store writes meanwhile (large
 * versions in chunks, some parts first), and says each changeset when it may leave the host. Goes on until it dies.
 *
 *   writer.ts PATH DURABILITY SEED
 */
import { writeSync } from 'node:fs'
import { Prng } from '@patina/base'
import { openStore, type Store } from '../../src/index.ts'
import { SCHEMA } from '../two-stores.ts'
import { randomRequest } from './requests.ts'

const [path, durability, seed] = process.argv.slice(2) as [string, 'full' | 'normal', string]
const prng = new Prng(Number(seed))
const schema = [{ name: 'test.sql', sql: SCHEMA }]
const store = openStore({ path, durability })
/** An actor that dies for good with this process; what it wrote lives on in who got it. */
const other = openStore({ path: ':memory:', limits: { chunkBytesTarget: 512 } })
for (const each of [store, other]) each.applySchema(schema)

function commit(on: Store): Uint8Array[] {
  const { commits } = on.transact(Array.from({ length: 1 + prng.below(4) }, () => randomRequest(prng)))
  return commits.flatMap(({ changesets }) => changesets)
}

function shuffled(changesets: readonly Uint8Array[]): Uint8Array[] {
  const rest = [...changesets]
  const mixed: Uint8Array[] = []
  while (rest.length > 0) mixed.push(...rest.splice(prng.below(rest.length), 1))
  return mixed
}

function say(changesets: readonly Uint8Array[]): void {
  const lines = changesets.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`)
  writeSync(1, lines.join(''))
}

/** Parts of the other's versions on their way: some come late, some twice. */
let underWay: Uint8Array[] = []
writeSync(1, '\n')
for (;;) {
  const written = commit(store)
  store.sync()
  say(written)
  underWay = shuffled([...underWay, ...commit(other)])
  const arriving = underWay.slice(prng.below(3))
  underWay = underWay.slice(0, prng.below(underWay.length + 1))
  store.apply(arriving)
  store.sync()
  say(arriving)
}
