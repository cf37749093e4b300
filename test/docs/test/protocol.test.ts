/** docs/protocol.md against the code: its limits, and the bytes that it shows. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  actorId,
  ByteWriter,
  changesetChecksum,
  decodeChangesetHeader,
  encodeChangeset,
  hlc,
  seq,
  version,
} from '@patina/base'
import { openStore } from '@patina/crdt-store'
import { type FencedBlock, fencedBlocks } from '../src/fenced-blocks.ts'
import { limitRows, namesIn, valueIn } from '../src/limit-rows.ts'

const ROOT = new URL('../../../', import.meta.url)
const page = read('docs/protocol.md')
const rows = limitRows(page)

/** Sources whose every bound is in the table. */
const COMPLETE = [
  'packages/crdt-store/src/limits.ts',
  'packages/transport/src/limits.ts',
  'packages/swim/src/config.ts',
  'packages/sync/src/config.ts',
  'packages/node/src/config.ts',
  'packages/live-query/src/limits.ts',
] as const

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

function bytesUnder(heading: string): Buffer {
  const block = fencedBlocks(page).find((one: FencedBlock) => one.heading === heading)
  assert.ok(block, heading)
  return Buffer.from(block.text.replaceAll(/\s/g, ''), 'hex')
}

test('every limit of the page has the value that the code has', () => {
  assert.ok(rows.length > 100)
  for (const { name, file, value } of rows)
    assert.equal(valueIn(read(file), name), value, `${name} of ${file}`)
})

test('the page leaves no limit out', () => {
  for (const file of COMPLETE) {
    const shown = rows.filter((row) => row.file === file).map(({ name }) => name)
    assert.deepEqual(
      namesIn(read(file)).filter((name) => !shown.includes(name)),
      [],
      file,
    )
  }
})

test('the changeset header that the page shows is one, with its checksum', () => {
  const bytes = bytesUnder('Changeset header')
  const decoded = decodeChangesetHeader(bytes)
  assert.ok(decoded.ok)
  const { header, checksum, payloadOffset } = decoded.value
  assert.deepEqual(
    [header.actor, header.version, header.firstSeq, header.lastSeq, header.versionLastSeq],
    ['000102030405060708090a0b0c0d0e0f', 300, 0, 2, 9],
  )
  assert.equal(changesetChecksum(bytes, payloadOffset), checksum)
})

test('the payload that the page shows makes the row that it names', () => {
  const store = openStore({ path: ':memory:' })
  store.applySchema([
    { name: 'page.sql', sql: 'CREATE TABLE m (id TEXT NOT NULL PRIMARY KEY, a TEXT, b INTEGER)' },
  ])
  const header = {
    actor: actorId('0'.repeat(32)),
    version: version(1),
    firstSeq: seq(0),
    lastSeq: seq(0),
    versionLastSeq: seq(0),
    ts: hlc(1),
    flags: 0,
  }
  const { report } = store.apply([encodeChangeset(header, bytesUnder('Changeset payload, format 1'))])
  assert.deepEqual(report.outcomes, [{ kind: 'applied' }])
  assert.deepEqual(store.database.prepare('SELECT id, a, b FROM m').all(), [{ id: 'x', a: '1', b: 2n }])
  store.close()
})

test('the schema word that the page shows is what a store with that table says', () => {
  const store = openStore({ path: ':memory:' })
  store.applySchema([
    { name: 'page.sql', sql: 'CREATE TABLE m (id TEXT NOT NULL PRIMARY KEY, a TEXT, b INTEGER)' },
  ])
  const { all, tables } = store.schemaHashes()
  const word = new ByteWriter().varint(1).text(all).varint(1).varint(1).text('m')
  assert.deepEqual(bytesUnder('Schema words'), Buffer.from(word.text(tables[0]?.hash ?? '').toBytes()))
  store.close()
})
