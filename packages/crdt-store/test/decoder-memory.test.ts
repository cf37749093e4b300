/**
 * What a hostile payload may cost its receiver: lengths are believed only where their bytes are there, and what one byte
 * becomes in memory (an empty BLOB more than 200) is bounded by the number of parts. Sizes are of what a full collection leaves.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ByteWriter, STORAGE_CLASS } from '@patina/base'
import { CHUNK_PARTS_MAX, decodePayload } from '../src/core/changeset.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const MIB = 1024 * 1024
const CONSTANT_BYTES = 32 * MIB
const WIDTH = 30_000

interface Payload {
  readonly bytes: Uint8Array
  readonly count: number
}

/** A table `t` of one key and `columns` columns, one shape of all of them. */
function dictionary(writer: ByteWriter, columns: number): void {
  writer.varint(1).text('t').varint(1).text('k').varint(columns)
  for (let i = 0; i < columns; i += 1) writer.text(i.toString(36))
  writer.varint(1).varint(0).varint(columns)
  for (let i = 0; i < columns; i += 1) writer.varint(i)
}

/** Rows of `columns` cells that are this one value each. */
function rows(count: number, columns: number, value: (writer: ByteWriter) => void): Payload {
  const writer = new ByteWriter()
  dictionary(writer, columns)
  for (let row = 0; row < count; row += 1) {
    writer.varint(1).u8(STORAGE_CLASS.text).varint(1)
    for (let i = 0; i < columns; i += 1) value(writer)
  }
  return { bytes: writer.written().slice(), count }
}

function minimalTables(count: number): Payload {
  const writer = new ByteWriter().varint(count)
  for (let i = 0; i < count; i += 1) writer.text('').varint(1).text('').varint(0)
  return { bytes: writer.varint(0).written().slice(), count: 0 }
}

function minimalShapes(count: number): Payload {
  const writer = new ByteWriter().varint(1).text('t').varint(1).text('k').varint(0).varint(count)
  for (let i = 0; i < count; i += 1) writer.varint(0).varint(0)
  return { bytes: writer.written().slice(), count: 0 }
}

const empty = (writer: ByteWriter) => writer.u8(STORAGE_CLASS.blob)
const oneByte = (writer: ByteWriter) => writer.u8(STORAGE_CLASS.blob + 8).u8(7)
const nothing = (writer: ByteWriter) => writer.u8(STORAGE_CLASS.null)
const wide = (writer: ByteWriter) =>
  writer.u8(STORAGE_CLASS.text + 8 * 31).text(`\u{1f6f0}${'x'.repeat(4 * MIB)}`)

/** Each as large as it may be. */
const largest: readonly (readonly [string, Payload])[] = [
  ['empty blobs', rows(2, WIDTH, empty)],
  ['blobs of one byte', rows(2, WIDTH, oneByte)],
  ['NULLs', rows(2, WIDTH, nothing)],
  ['rows without cells', rows(CHUNK_PARTS_MAX / 2 - 3, 0, nothing)],
  ['tables', minimalTables(CHUNK_PARTS_MAX / 2)],
  ['shapes', minimalShapes(CHUNK_PARTS_MAX - 2)],
  ['texts that are one byte each until the first that is not', rows(1, 4, wide)],
]

function bytesKept(work: () => unknown): number {
  collect()
  const before = process.memoryUsage()
  const kept = work()
  collect()
  const after = process.memoryUsage()
  assert.notEqual(kept, undefined)
  return after.heapUsed + after.external - before.heapUsed - before.external
}

for (const [name, { bytes, count }] of largest)
  test(`${name}: at most 4 bytes per byte and 32 MiB`, () => {
    const kept = bytesKept(() => {
      const decoded = decodePayload(bytes, count)
      assert.ok(decoded.ok, JSON.stringify(decoded))
      return decoded.value
    })
    assert.ok(kept <= 4 * bytes.length + CONSTANT_BYTES, `${kept} bytes kept of ${bytes.length}`)
  })

for (const [name, { bytes, count }] of [
  ['empty blobs', rows(4, WIDTH, empty)],
  ['rows without cells', rows(CHUNK_PARTS_MAX / 2, 0, nothing)],
  ['tables', minimalTables(CHUNK_PARTS_MAX / 2 + 1)],
  ['shapes', minimalShapes(CHUNK_PARTS_MAX)],
] as const)
  test(`more parts than a chunk may have are refused: ${name}`, () => {
    const decoded = decodePayload(bytes, count)
    assert.ok(!decoded.ok)
    assert.equal(decoded.error.kind, 'out-of-range')
    assert.match(JSON.stringify(decoded.error), /parts of a chunk/)
  })
