/**
 * Vectors of the merge: changesets of several actors, and the row that stands when all have come, in whatever order. The
 * bytes are the changesets, each behind its length as a varint; the schema is one table `m (id TEXT PRIMARY KEY, a, b)`.
 */
import { ByteReader, ByteWriter, encodeChangeset, hlc, type SqliteValue, seq, version } from '@patina/base'
import { openStore } from '@patina/crdt-store'
import { type KeyedRowChange, PayloadWriter } from '@patina/crdt-store/wire'
import { type Plain, valueToPlain } from './plain.ts'
import { ACTOR_A, ACTOR_B, ACTOR_C, bytesOf, TS } from './samples.ts'
import type { Reading, Sample, Topic } from './topic.ts'

const SCHEMA = [{ name: 'm.sql', sql: 'CREATE TABLE m (id TEXT NOT NULL PRIMARY KEY, a, b)' }]
const CHANGESET_BYTES_MAX = 65_536

/** What a version of an actor did to the row `x`. */
interface Write {
  readonly by: typeof ACTOR_A
  readonly version: number
  readonly life: number
  /** Column → column version and value. */
  readonly cells?: { readonly [column: string]: readonly [number, SqliteValue] }
}

export const mergeTopic: Topic = {
  name: 'merges',
  about:
    'What stands when all changesets have come, in whatever order: each is preceded by its length as a varint. The table is m (id TEXT NOT NULL PRIMARY KEY, a, b), in format 1 of the payload; a cell is told with its column version and the version that wrote it.',
  section: 'Merge',
  read,
  samples: [
    merge('one write', [{ by: ACTOR_A, version: 1, life: 1, cells: { a: [1, 'one'], b: [1, 2n] } }]),
    merge('the greater column version wins, whatever the value and the actor', [
      { by: ACTOR_A, version: 2, life: 1, cells: { a: [2, null] } },
      { by: ACTOR_C, version: 9, life: 1, cells: { a: [1, 'zzz'] } },
    ]),
    merge('the greater value wins among equal column versions', [
      { by: ACTOR_A, version: 1, life: 1, cells: { a: [1, 'b'] } },
      { by: ACTOR_C, version: 1, life: 1, cells: { a: [1, 'a'] } },
    ]),
    ...[
      ['BLOB is greater than NULL', null, bytesOf()],
      ['TEXT is greater than BLOB', bytesOf(255, 255), ''],
      ['REAL is greater than TEXT', 'zzz', -1e300],
      ['INTEGER is greater than REAL', 1e300, -5n],
      ['0.0 is greater than -0.0', -0, 0],
      ['a longer text is greater than its beginning', 'ab', 'abc'],
      ['texts go by UTF-8, not by UTF-16', '\uFF5E', '\u{1F600}'],
    ].map(([name, less, greater]) =>
      merge(name as string, [
        { by: ACTOR_C, version: 1, life: 1, cells: { a: [1, less as SqliteValue] } },
        { by: ACTOR_A, version: 1, life: 1, cells: { a: [1, greater as SqliteValue] } },
      ]),
    ),
    merge('the greater actor wins among equal values', [
      { by: ACTOR_A, version: 9, life: 1, cells: { a: [1, 'same'] } },
      { by: ACTOR_B, version: 1, life: 1, cells: { a: [1, 'same'] } },
    ]),
    merge('cells of one life are merged one by one', [
      { by: ACTOR_A, version: 1, life: 1, cells: { a: [1, 'a'], b: [1, 'a'] } },
      { by: ACTOR_B, version: 1, life: 1, cells: { b: [2, 'b'] } },
    ]),
    merge('a death is greater than what was written in the life before', [
      { by: ACTOR_A, version: 1, life: 1, cells: { a: [1, 'a'] } },
      { by: ACTOR_B, version: 1, life: 2 },
      { by: ACTOR_C, version: 1, life: 1, cells: { a: [99, 'late'] } },
    ]),
    merge('a new life begins with its own cells alone', [
      { by: ACTOR_A, version: 1, life: 1, cells: { a: [7, 'old'], b: [7, 'old'] } },
      { by: ACTOR_A, version: 2, life: 2 },
      { by: ACTOR_B, version: 1, life: 3, cells: { a: [1, 'new'] } },
    ]),
    merge('two who let a row live again meet in one life, which the greater one owns', [
      { by: ACTOR_A, version: 1, life: 2 },
      { by: ACTOR_A, version: 2, life: 3, cells: { a: [1, 'a'] } },
      { by: ACTOR_B, version: 5, life: 3, cells: { b: [1, 'b'] } },
    ]),
    merge('a life without cells', [{ by: ACTOR_A, version: 1, life: 1 }]),
  ],
  junk: [],
}

function merge(name: string, writes: readonly Write[]): Sample {
  const writer = new ByteWriter()
  for (const write of writes) writer.bytes(changesetOf(write))
  return { name, bytes: writer.toBytes() }
}

function changesetOf({ by, version: of, life, cells = {} }: Write): Uint8Array {
  const change: KeyedRowChange = {
    table: 'm',
    keyColumns: ['id'],
    key: ['x'],
    causalLength: life,
    cells: Object.entries(cells).map(([column, [columnVersion, value]]) => ({
      column,
      columnVersion,
      value,
    })),
  }
  const payload = new PayloadWriter()
  payload.add(change)
  const only = { firstSeq: seq(0), lastSeq: seq(0), versionLastSeq: seq(0) }
  return encodeChangeset(
    { actor: by, version: version(of), ...only, ts: hlc(TS + of), flags: 0 },
    payload.toBytes(),
  )
}

/** In the order of the file, and in reverse: both must give the same. */
function read(bytes: Uint8Array): Reading {
  const reader = new ByteReader(bytes)
  const changesets: Uint8Array[] = []
  while (reader.remaining() > 0) changesets.push(reader.bytes('changeset', CHANGESET_BYTES_MAX))
  const [there, back] = [rowAfter(changesets), rowAfter(changesets.toReversed())]
  return JSON.stringify(there) === JSON.stringify(back) ? { value: there } : { refused: 'order' }
}

function rowAfter(changesets: readonly Uint8Array[]): Plain {
  const store = openStore({ path: ':memory:' })
  try {
    store.applySchema(SCHEMA)
    for (const changeset of changesets) store.apply([changeset])
    const row = store.database.prepare("SELECT a, b FROM m WHERE id = 'x'").safeIntegers().get()
    const explained = store.explain('m', ['x'])
    if (explained === undefined) return null
    const { causalLength, owner, cells } = explained
    return {
      row:
        row === undefined
          ? null
          : Object.fromEntries(
              Object.entries(row as { [column: string]: SqliteValue }).map(([column, value]) => [
                column,
                valueToPlain(value),
              ]),
            ),
      causalLength,
      owner: `${owner.actor} ${owner.version}`,
      cells: Object.fromEntries(
        cells
          .map(({ column, columnVersion, actor, version: of }): [string, Plain] => [
            column,
            { columnVersion, by: `${actor} ${of}` },
          ])
          .sort(([one], [other]) => (one < other ? -1 : 1)),
      ),
    }
  } finally {
    store.close()
  }
}
