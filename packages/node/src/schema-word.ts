/**
 * SchemaWord: what a node says of its tables to a peer: a hash of all, and one of each as far as a message has room for them. Pure
 * codec; layout in docs/protocol.md, "Schema words". Bytes behind what is known belong to later formats and are skipped.
 */
import {
  type ByteReader,
  ByteWriter,
  type DecodeError,
  decode,
  type Result,
  refuse,
  type SchemaHashes,
  type TableHash,
} from '@patina/base'

/** What a peer has said. */
export interface SchemaWord {
  readonly all: string
  /** How many tables it has; `tables` may be fewer. */
  readonly count: number
  /** In order of their names. */
  readonly tables: readonly TableHash[]
}

const FORMAT = 1
/** One frame of a session, with room for what surrounds it. */
export const SCHEMA_WORD_BYTES_MAX = 60_000
/** A table with a longer name counts in the hash of all alone. */
const NAME_BYTES_MAX = 255
const COUNT_MAX = 1_000_000
const HASH_TEXT_BYTES = 16

export function encodeSchemaWord({ all, tables }: SchemaHashes): Uint8Array {
  const listed = listable(tables)
  const writer = new ByteWriter()
  writer.varint(FORMAT).text(all).varint(tables.length).varint(listed.length)
  for (const { table, hash } of listed) writer.text(table).text(hash)
  return writer.toBytes()
}

export function decodeSchemaWord(bytes: Uint8Array): Result<SchemaWord, DecodeError> {
  return decode(bytes.subarray(0, SCHEMA_WORD_BYTES_MAX), (reader) => {
    const format = reader.varint('format')
    if (format !== FORMAT) refuse('format', format)
    const all = readHash(reader)
    const count = reader.varint('tables', COUNT_MAX)
    // Each listed table takes bytes of the message, which bound the loop.
    const listed = reader.varint('listed tables', count)
    const tables: TableHash[] = []
    for (let i = 0; i < listed; i += 1)
      tables.push({ table: reader.text('table', NAME_BYTES_MAX), hash: readHash(reader) })
    reader.raw(reader.remaining())
    return { all, count, tables }
  })
}

/** The first in order of their names, as many as fit. */
function listable(tables: readonly TableHash[]): readonly TableHash[] {
  const listed: TableHash[] = []
  let bytes = 64
  for (const each of tables) {
    const nameBytes = new ByteWriter().text(each.table).written().length
    if (nameBytes > NAME_BYTES_MAX) continue
    bytes += nameBytes + HASH_TEXT_BYTES + 1
    if (bytes > SCHEMA_WORD_BYTES_MAX) break
    listed.push(each)
  }
  return listed
}

function readHash(reader: ByteReader): string {
  const text = reader.text('hash', HASH_TEXT_BYTES)
  return /^[0-9a-f]{16}$/.test(text) ? text : refuse('hash', text)
}
