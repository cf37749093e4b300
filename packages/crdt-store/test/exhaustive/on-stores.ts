/**
 * The small world on real stores: each history in each order of delivery, through changesets, SQL and clocks. Every trial
 * has keys and versions of its own, so that one store takes hundreds of them before it is compared with the oracle.
 */
import assert from 'node:assert/strict'
import { actorId, encodeChangeset, hlc, seq, version } from '@patina/base'
import { PayloadWriter } from '../../src/core/changeset.ts'
import { openStore } from '../../src/index.ts'
import { StoreView } from '../laws/store-view.ts'
import { describeReplica } from '../model/describe.ts'
import { type ModelVersion, Replica } from '../model/replica.ts'
import { TABLE } from './small-scope.ts'

const SQL = 'CREATE TABLE t (k TEXT NOT NULL PRIMARY KEY, x INTEGER DEFAULT 0, y INTEGER)'

/** Trials before a store is compared and left. */
const TRIALS_PER_STORE = 300

/** Tries each history in all orders; returns the number of trials. */
export function tryOnStores(histories: Iterable<readonly ModelVersion[]>): number {
  let bench = new Bench()
  let trials = 0
  for (const history of histories)
    for (const order of ordersOf(history)) {
      bench.run(history, order)
      trials += 1
      if (trials % TRIALS_PER_STORE !== 0) continue
      bench.finish()
      bench = new Bench()
    }
  bench.finish()
  return trials
}

/** One store, and the oracle of all that it took. */
class Bench {
  readonly #store = openStore({ path: ':memory:', newActor: () => actorId('f'.repeat(32)) })
  readonly #replica = new Replica([TABLE])
  readonly #heads = new Map<string, number>()
  readonly #changesets: Uint8Array[] = []
  #trials = 0

  constructor() {
    this.#store.applySchema([{ name: 'small.sql', sql: SQL }])
  }

  run(history: readonly ModelVersion[], order: readonly ModelVersion[]): void {
    this.#trials += 1
    const heads = new Map(this.#heads)
    for (const each of history) {
      const own = this.#renamed(each, heads.get(each.actor) ?? 0)
      this.#replica.see(own)
      this.#heads.set(own.actor, own.version)
    }
    for (const each of order)
      this.#changesets.push(changesetOf(this.#renamed(each, heads.get(each.actor) ?? 0)))
  }

  finish(): void {
    this.#store.apply(this.#changesets)
    assert.deepEqual(new StoreView(this.#store, [TABLE]).content(), describeReplica(this.#replica, [TABLE]))
    assert.deepEqual(this.#store.verify(), [])
    this.#store.close()
  }

  /** The same with keys of this trial, its versions after those of the trials before. */
  #renamed({ actor, version: own, changes }: ModelVersion, head: number): ModelVersion {
    const named = changes.map((change) => ({
      ...change,
      key: change.key.map((part) => `${part}${this.#trials}`),
    }))
    return { actor, version: head + own, changes: named }
  }
}

function changesetOf({ actor, version: of, changes }: ModelVersion): Uint8Array {
  const writer = new PayloadWriter()
  for (const { table, key, causalLength, cells } of changes)
    writer.add({
      table,
      keyColumns: TABLE.key,
      key,
      causalLength,
      cells: [...cells].map(([column, cell]) => ({ column, ...cell })),
    })
  const last = seq(changes.length - 1)
  const header = { firstSeq: seq(0), lastSeq: last, versionLastSeq: last, ts: hlc(1), flags: 0 }
  return encodeChangeset(
    { actor: actorId(actor.padStart(32, '0')), version: version(of), ...header },
    writer.toBytes(),
  )
}

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((item, i) => ordersOf(items.toSpliced(i, 1)).map((rest) => [item, ...rest]))
}
