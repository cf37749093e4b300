/**
 * Every history of a small world: 3 actors, 2 keys, 2 columns, 2 values, a given number of versions; each version written
 * by any actor who has seen any of the others' versions before. Every order of delivery of each history: all orders agree
 * exactly if, for each set of versions, whichever of them came last leaves the same copy; so sets are walked, not orders.
 * Source: Jackson's small scope hypothesis (Software Abstractions, 2006): wrong merges fail in small worlds.
 */
import { describeReplica } from '../model/describe.ts'
import {
  type Image,
  type ImageRow,
  identity,
  type ModelTable,
  type ModelVersion,
  Replica,
} from '../model/replica.ts'
import { CoreCopy } from './core-copy.ts'

const ACTORS = ['a', 'b', 'c']
const KEYS = ['p', 'q']
const VALUES = [0n, 1n]
export const TABLE: ModelTable = {
  name: 't',
  key: ['k'],
  columns: [
    { name: 'x', default: 0n },
    { name: 'y', default: null },
  ],
}

/** What a copy is after exactly these versions, by the set of their indexes in the history as bits. */
type CopiesBySet = readonly CoreCopy[]

export interface Walked {
  /** Histories of full length. */
  histories: number
  merges: number
}

/** Walks all histories of `length` versions; throws at the first set whose copies differ, with the history. */
export function walk(length: number): Walked {
  const walked = { histories: 0, merges: 0 }
  extend([], [new CoreCopy(TABLE)], { length, walked })
  return walked
}

/** All histories of `length` versions, one after another. */
export function* histories(
  length: number,
  history: readonly ModelVersion[] = [],
): Generator<readonly ModelVersion[]> {
  if (history.length === length) {
    yield history
    return
  }
  for (const [actor, seen] of writers(history))
    for (const next of versionsOf(history, actor, seen)) yield* histories(length, [...history, next])
}

function extend(
  history: readonly ModelVersion[],
  copies: CopiesBySet,
  run: { readonly length: number; readonly walked: Walked },
): void {
  if (history.length === run.length) {
    run.walked.histories += 1
    return
  }
  for (const [actor, seen] of writers(history))
    for (const next of versionsOf(history, actor, seen)) {
      const longer = [...history, next]
      extend(longer, [...copies, ...copiesWith(longer, copies, run.walked)], run)
    }
}

/** Who may write next: each actor, having seen each set of versions that holds its own. */
function writers(history: readonly ModelVersion[]): [actor: string, seen: number][] {
  const sets = Array.from({ length: 1 << history.length }, (_, set) => set)
  return ACTORS.flatMap((actor) =>
    sets.filter((seen) => seesItself(history, actor, seen)).map((seen): [string, number] => [actor, seen]),
  )
}

/** The copies of all sets that hold the newest version, each reached from every set that is one version smaller. */
function copiesWith(history: readonly ModelVersion[], copies: CopiesBySet, walked: Walked): CoreCopy[] {
  const newest = 1 << (history.length - 1)
  const fresh: CoreCopy[] = []
  const copyOf = (set: number): CoreCopy => (set < newest ? copies[set] : fresh[set - newest]) as CoreCopy
  for (let others = 0; others < newest; others += 1) {
    const set = others | newest
    const expected = describeReplica(replicaOf(history, set), [TABLE]).join('\n')
    for (const [i, version] of history.entries()) {
      if ((set & (1 << i)) === 0) continue
      const copy = copyOf(set & ~(1 << i)).merge(version)
      if (1 << i === newest) fresh.push(copy)
      expect(copy, expected, { history, set, last: version })
      expect(copy.merge(version), expected, { history, set, last: version })
      walked.merges += 2
    }
  }
  return fresh
}

function expect(
  copy: CoreCopy,
  expected: string,
  {
    history,
    set,
    last,
  }: { readonly history: readonly ModelVersion[]; readonly set: number; readonly last: ModelVersion },
): void {
  const got = copy.describe().join('\n')
  if (got === expected) return
  const told = history.map(({ actor, version, changes }, i) => {
    const rows = changes.map(
      ({ key, causalLength, cells }) =>
        `${identity(key)} life ${causalLength}${[...cells].map(([name, cell]) => ` ${name}=${cell.value}@${cell.columnVersion}`).join('')}`,
    )
    return `${(set & (1 << i)) === 0 ? '  unseen' : '  seen  '} ${actor}#${version}: ${rows.join('; ')}`
  })
  throw new Error(
    `after ${last.actor}#${last.version} of\n${told.join('\n')}\nthe merge has\n${got}\nand the oracle\n${expected}`,
  )
}

/** An actor has seen all that it wrote. */
function seesItself(history: readonly ModelVersion[], actor: string, seen: number): boolean {
  return history.every((version, i) => version.actor !== actor || (seen & (1 << i)) !== 0)
}

/** What an actor may write next that has seen a set of versions. */
function versionsOf(history: readonly ModelVersion[], actor: string, seen: number): ModelVersion[] {
  const replica = replicaOf(history, seen)
  const version = 1 + history.filter((each) => each.actor === actor).length
  // The keys are alike: the first write of a history takes the first one.
  const keys = history.length === 0 ? KEYS.slice(0, 1) : KEYS
  return imagesAfter(replica.image(), keys).map((image) => ({
    actor,
    version,
    changes: replica.difference(image),
  }))
}

/** Every image that one request leaves that writes one row or moves one. */
function imagesAfter(image: Image, keys: readonly string[]): Image[] {
  const rows = image.get(TABLE.name) as ReadonlyMap<string, ImageRow>
  const images: Image[] = []
  const push = (change: (rows: Map<string, ImageRow>) => void): void => {
    const after = new Map(rows)
    change(after)
    images.push(new Map([[TABLE.name, after]]))
  }
  for (const key of keys) {
    const row = rows.get(identity([key]))
    if (row === undefined) for (const x of VALUES) for (const y of VALUES) push((to) => put(to, key, [x, y]))
    else {
      for (const column of [0, 1])
        for (const value of VALUES)
          if (row.values[column] !== value) push((to) => put(to, key, row.values.with(column, value)))
      push((to) => to.delete(identity([key])))
      for (const other of keys)
        if (other !== key)
          push((to) => {
            to.delete(identity([key]))
            put(to, other, row.values)
          })
    }
  }
  return images
}

function put(rows: Map<string, ImageRow>, key: string, values: ImageRow['values']): void {
  rows.set(identity([key]), { key: [key], values })
}

function replicaOf(history: readonly ModelVersion[], set: number): Replica {
  const replica = new Replica([TABLE])
  for (const [i, version] of history.entries()) if ((set & (1 << i)) !== 0) replica.see(version)
  return replica
}
