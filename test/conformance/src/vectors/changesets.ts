/** Vectors of changesets: headers with their checksum, and payloads with keys, shapes, lives and values of each storage class. */
import {
  changesetChecksum,
  decodeChangesetHeader,
  encodeChangeset,
  type RowChange,
  type SqliteValue,
  seq,
  version,
} from '@patina/base'
import { decodePayload, type KeyedRowChange, PayloadWriter } from '@patina/crdt-store/wire'
import { type Plain, toPlain, valueToPlain } from './plain.ts'
import { ACTOR_A, ACTOR_B, bytesOf, counting, cut, joined, TS, withByte } from './samples.ts'
import type { Reading, Topic } from './topic.ts'

export const headerTopic: Topic = {
  name: 'changeset-headers',
  about:
    'Changesets: header and checksum. The payload is any bytes here; what it says is in changeset-payloads.json.',
  section: 'Changeset header',
  read: readChangeset,
  samples: [
    { name: 'the example of the document', bytes: changeset(300, [0, 2, 9], bytesOf(1, 2, 3)) },
    { name: 'a whole version', bytes: changeset(1, [0, 0, 0], counting(40)) },
    {
      name: 'the greatest numbers',
      bytes: changeset(2 ** 52, [4_294_967_295, 4_294_967_295, 4_294_967_295], bytesOf()),
    },
    { name: 'unknown flags are kept', bytes: changeset(7, [3, 5, 5], bytesOf(9), 0xa5) },
  ],
  junk: [
    { name: 'nothing', why: 'it ends before its header does', bytes: bytesOf() },
    {
      name: 'another format',
      why: 'only format 1 is known',
      bytes: withByte(changeset(1, [0, 0, 0], bytesOf()), 0, 2),
    },
    {
      name: 'half a header',
      why: 'it ends before its header does',
      bytes: cut(changeset(300, [0, 2, 9], bytesOf()), 20),
    },
    {
      name: 'version 0',
      why: 'versions begin with 1',
      bytes: withByte(changeset(1, [0, 0, 0], bytesOf()), 17, 0),
    },
    {
      name: 'a version above 2^52',
      why: 'what follows it must be a safe integer, too',
      bytes: forged(bytesOf(0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x08)),
    },
    { name: 'a longer varint than needed', why: 'numbers have one form', bytes: forged(bytesOf(0x81, 0x00)) },
    {
      name: 'a flipped bit of the payload',
      why: 'the checksum does not match',
      bytes: withByte(changeset(1, [0, 0, 0], bytesOf(1, 2, 3)), -1, 2),
    },
    {
      name: 'a flipped bit of the version',
      why: 'the checksum covers the header',
      bytes: withByte(changeset(1, [0, 0, 0], bytesOf(1, 2, 3)), 17, 3),
    },
  ],
}

const PLACES = { table: 'places', keyColumns: ['name', 'floor'] }
const M = { table: 'm', keyColumns: ['id'] }

export const payloadTopic: Topic = {
  name: 'changeset-payloads',
  about: 'Payloads of changesets. `context.rows` is how many rows the header says there are.',
  section: 'Changeset payload, format 1',
  read: readPayload,
  samples: [
    payload('the example of the document', [
      { ...M, key: ['x'], causalLength: 1, cells: [cell('a', 1, '1'), cell('b', 1, 2n)] },
    ]),
    ...Object.entries(valuesOf()).map(([name, value]) =>
      payload(`a cell of ${name}`, [{ ...M, key: [1n], causalLength: 1, cells: [cell('a', 1, value)] }]),
    ),
    payload('keys of each class that a key may have', [
      { ...M, key: ['k'], causalLength: 1, cells: [] },
      { ...M, key: [-5n], causalLength: 1, cells: [] },
      { ...M, key: [0.5], causalLength: 1, cells: [] },
      { ...M, key: [bytesOf(1, 2)], causalLength: 1, cells: [] },
    ]),
    payload('a key of two columns, and a life without cells', [
      { ...PLACES, key: ['hall', 2n], causalLength: 1, cells: [] },
    ]),
    payload('a deleted row, and one that lives again', [
      { ...M, key: ['x'], causalLength: 2, cells: [] },
      { ...M, key: ['y'], causalLength: 3, cells: [cell('a', 1, 'again')] },
    ]),
    payload('column versions above 1 are written out', [
      { ...M, key: ['x'], causalLength: 1, cells: [cell('a', 7, '1'), cell('b', 300, null)] },
    ]),
    payload('two tables and three shapes, rows in any order', [
      { ...M, key: ['x'], causalLength: 1, cells: [cell('a', 1, 'one')] },
      { ...PLACES, key: ['hall', 2n], causalLength: 1, cells: [cell('size', 1, 20.25)] },
      { ...M, key: ['y'], causalLength: 1, cells: [cell('b', 2, 5n), cell('a', 1, null)] },
      { ...M, key: ['z'], causalLength: 1, cells: [cell('a', 1, 'two')] },
    ]),
    payload('names are UTF-8, folded by ASCII alone', [
      {
        table: 'größe',
        keyColumns: ['schlüssel'],
        key: ['ä'],
        causalLength: 1,
        cells: [cell('höhe', 1, '…')],
      },
    ]),
  ],
  junk: [
    { name: 'nothing', why: 'there is no table count', context: { rows: 1 }, bytes: bytesOf() },
    {
      name: 'more rows than bytes',
      why: 'a row takes at least three bytes',
      context: { rows: 1_000 },
      bytes: oneRow(),
    },
    {
      name: 'bytes left over',
      why: 'the header says one row',
      context: { rows: 1 },
      bytes: joined(oneRow(), bytesOf(0)),
    },
    {
      name: 'NULL in a key',
      why: 'a key has values',
      context: { rows: 1 },
      bytes: hand(0x01, 0x00, 0x01, 0x0a, 0x31),
    },
    {
      name: 'causal length 0',
      why: 'a row that was never written is not sent',
      context: { rows: 1 },
      bytes: hand(0x01, 0x0a, 0x78, 0x00, 0x0a, 0x31),
    },
    {
      name: 'cells of a deleted row',
      why: 'an even causal length has no cells',
      context: { rows: 1 },
      bytes: hand(0x01, 0x0a, 0x78, 0x02, 0x0a, 0x31),
    },
    {
      name: 'column version 0',
      why: 'a cell that was never written has none',
      context: { rows: 1 },
      bytes: hand(0x00, 0x0a, 0x78, 0x01, 0x00, 0x0a, 0x31),
    },
    {
      name: 'a shape that is not there',
      why: 'there is one shape',
      context: { rows: 1 },
      bytes: hand(0x03, 0x0a, 0x78, 0x01, 0x0a, 0x31),
    },
    {
      name: 'an unknown class',
      why: 'classes are 0 to 4',
      context: { rows: 1 },
      bytes: hand(0x01, 0x0a, 0x78, 0x01, 0x05),
    },
    {
      name: 'TEXT that is not UTF-8',
      why: 'texts are UTF-8',
      context: { rows: 1 },
      bytes: hand(0x01, 0x0a, 0x78, 0x01, 0x0a, 0xff),
    },
    {
      name: 'NaN',
      why: 'SQLite has none',
      context: { rows: 1 },
      bytes: hand(0x01, 0x0a, 0x78, 0x01, 0x03, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f),
    },
    {
      name: 'a column twice in a shape',
      why: 'a row has a cell once',
      context: { rows: 1 },
      bytes: bytesOf(
        1,
        1,
        0x6d,
        1,
        2,
        0x69,
        0x64,
        1,
        1,
        0x61,
        1,
        0,
        2,
        0,
        0,
        1,
        0x0a,
        0x78,
        1,
        0x0a,
        0x31,
        0x0a,
        0x31,
      ),
    },
    {
      name: 'a table without key',
      why: 'rows are found by their key',
      context: { rows: 1 },
      bytes: bytesOf(1, 1, 0x6d, 0, 0, 1, 0, 0, 1, 1),
    },
  ],
}

/** Of each storage class, at the edges of its forms. */
function valuesOf(): { readonly [name: string]: SqliteValue } {
  return {
    NULL: null,
    'INTEGER 0': 0n,
    'INTEGER 30, the last in one byte': 30n,
    'INTEGER 31': 31n,
    'INTEGER -1': -1n,
    'the greatest INTEGER': 2n ** 63n - 1n,
    'the least INTEGER': -(2n ** 63n),
    'REAL 1': 1,
    'REAL -0': -0,
    'REAL 1e300': 1e300,
    'REAL infinity': Number.POSITIVE_INFINITY,
    'empty TEXT': '',
    'TEXT of 30 bytes, the last with a short length': 'x'.repeat(30),
    'TEXT of 31 bytes': 'x'.repeat(31),
    'TEXT beyond ASCII': 'Füße 🦶 \u0000 …',
    'TEXT of 200 bytes': 'abcdefghij'.repeat(20),
    'empty BLOB': bytesOf(),
    'BLOB of 3 bytes': bytesOf(0, 255, 128),
    'BLOB of 40 bytes': counting(40),
  }
}

function cell(column: string, columnVersion: number, value: SqliteValue): RowChange['cells'][number] {
  return { column, columnVersion, value }
}

function payload(name: string, changes: readonly KeyedRowChange[]): Topic['samples'][number] {
  const writer = new PayloadWriter()
  for (const change of changes) writer.add(change)
  return { name, context: { rows: changes.length }, bytes: writer.toBytes() }
}

/** Table `m`, key `id`, column `a`, one shape, and then these bytes. */
function hand(...rows: readonly number[]): Uint8Array {
  return bytesOf(1, 1, 0x6d, 1, 2, 0x69, 0x64, 1, 1, 0x61, 1, 0, 1, 0, ...rows)
}

function oneRow(): Uint8Array {
  return hand(0x01, 0x0a, 0x78, 0x01, 0x0a, 0x31)
}

function changeset(
  of: number,
  [first, last, versionLast]: readonly [number, number, number],
  bytes: Uint8Array,
  flags = 0,
): Uint8Array {
  const seqs = { firstSeq: seq(first), lastSeq: seq(last), versionLastSeq: seq(versionLast) }
  const actor = of === 2 ** 52 ? ACTOR_B : ACTOR_A
  return encodeChangeset({ actor, version: version(of), ...seqs, ts: TS, flags }, bytes)
}

/** With other bytes in the place of version 1. */
function forged(versionBytes: Uint8Array): Uint8Array {
  const good = changeset(1, [0, 0, 0], bytesOf())
  return joined(good.slice(0, 17), versionBytes, good.slice(18))
}

function readChangeset(bytes: Uint8Array): Reading {
  const decoded = decodeChangesetHeader(bytes)
  if (!decoded.ok) return { refused: decoded.error.kind }
  const { header, payloadOffset, checksum } = decoded.value
  if (changesetChecksum(bytes, payloadOffset) !== checksum) return { refused: 'checksum' }
  return {
    value: { ...(toPlain(header) as { [key: string]: Plain }), payload: toPlain(bytes.slice(payloadOffset)) },
  }
}

function readPayload(bytes: Uint8Array, context: Plain): Reading {
  const { rows } = context as { readonly rows: number }
  const decoded = decodePayload(bytes, rows)
  if (!decoded.ok) return { refused: decoded.error.kind }
  return {
    value: decoded.value.map(({ table, keyColumns, key, causalLength, cells }) => ({
      table,
      keyColumns: toPlain(keyColumns),
      key: key.map(valueToPlain),
      causalLength,
      cells: cells.map(({ column, columnVersion, value }) => ({
        column,
        columnVersion,
        value: valueToPlain(value),
      })),
    })),
  }
}
