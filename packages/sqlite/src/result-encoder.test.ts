/** The lines of a result: every value, the limits, the early end, the chunks. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { INT64_MAX, INT64_MIN, type SqliteValue } from '@patina/base'
import fc from 'fast-check'
import { encodeResult, type ResultLimits, rowLine } from './result-encoder.ts'

const LIMITS: ResultLimits = { rowsMax: 1e9, bytesMax: 1e12 }

function encode(rows: Iterable<readonly unknown[]>, limits: ResultLimits = LIMITS): readonly Uint8Array[] {
  const explainError = (thrown: unknown): string => (thrown as Error).message
  return chunksOf(
    encodeResult({ columns: ['a', 'b"'], rows, limits, elapsedSeconds: () => 0.25, explainError }),
  )
}

function chunksOf(result: Generator<Uint8Array, Uint8Array>): readonly Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (;;) {
    const { done, value } = result.next()
    chunks.push(value)
    if (done === true) return chunks
  }
}

function linesOf(chunks: readonly Uint8Array[]): readonly string[] {
  return Buffer.concat(chunks).toString().trimEnd().split('\n')
}

describe('rowLine', () => {
  const cells: readonly (readonly [SqliteValue, string])[] = [
    [null, 'null'],
    [INT64_MIN, '-9223372036854775808'],
    [INT64_MAX, '9223372036854775807'],
    [2n ** 53n + 1n, '9007199254740993'],
    [1n, '1'],
    [1, '1.0'],
    [-0, '-0.0'],
    [0, '0.0'],
    [0.1, '0.1'],
    [2 ** 53, '9007199254740992.0'],
    [1e21, '1e+21'],
    [1e-7, '1e-7'],
    [Number.NaN, 'null'],
    [Number.POSITIVE_INFINITY, 'null'],
    ['', '""'],
    ['a"\\\n\0é😀', '"a\\"\\\\\\n\\u0000é😀"'],
    [new Uint8Array(0), '[]'],
    [new Uint8Array([0, 7, 255]), '[0,7,255]'],
  ]
  for (const [cell, text] of cells) {
    it(`writes ${typeof cell} ${String(cell)} as ${JSON.stringify(text)}`, () => {
      assert.equal(rowLine(7, [cell, 'x']), `{"row":[7,[${text},"x"]]}\n`)
    })
  }

  it('is JSON for any row, with every REAL recognisable', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
    )
    fc.assert(
      fc.property(fc.array(cell), (row) => {
        const line = rowLine(1, row)
        const back = (JSON.parse(line) as { row: [number, unknown[]] }).row[1]
        const expected = row.map((value) => {
          if (typeof value === 'bigint') return Number(value)
          return typeof value === 'number' && !Number.isFinite(value) ? null : value
        })
        assert.deepEqual(back, expected)
        for (const value of row)
          if (typeof value === 'number') assert.match(rowLine(1, [value]), /\[[-\d]+[.e]|null/)
      }),
    )
  })
})

describe('encodeResult', () => {
  it('has columns and an end without rows', () => {
    assert.deepEqual(linesOf(encode([])), ['{"columns":["a","b\\""]}', '{"eoq":{"time":0.25}}'])
  })

  it('numbers rows from 1 and cuts chunks of about 64 KiB between rows', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => [BigInt(i), 'é'.repeat(20)])
    const chunks = encode(rows)
    assert.ok(chunks.length >= 3)
    for (const chunk of chunks) {
      assert.ok(chunk.length < 200 * 1024)
      assert.equal(chunk.at(-1), 0x0a)
    }
    const lines = linesOf(chunks)
    assert.equal(lines.length, 5002)
    assert.equal(lines[5000], `{"row":[5000,[4999,"${'é'.repeat(20)}"]]}`)
  })

  it('takes no row beyond what a chunk needs, and ends the rows when the consumer leaves', () => {
    let taken = 0
    let ended = false
    function* rows(): Generator<readonly unknown[]> {
      try {
        for (;;) {
          taken += 1
          yield ['x'.repeat(1000)]
        }
      } finally {
        ended = true
      }
    }
    const chunks = encodeResult({
      columns: ['a'],
      rows: rows(),
      limits: LIMITS,
      elapsedSeconds: () => 0,
      explainError: String,
    })
    chunks.next()
    assert.ok(taken < 70)
    chunks.return(new Uint8Array(0))
    assert.equal(ended, true)
  })

  it('allows exactly rowsMax rows', () => {
    const two = [[1n], [2n]]
    assert.match(String(linesOf(encode(two, { ...LIMITS, rowsMax: 2 })).at(-1)), /eoq/)
    const cut = linesOf(encode(two, { ...LIMITS, rowsMax: 1 }))
    assert.equal(cut.length, 3)
    assert.match(String(cut[2]), /^\{"error":"the result has more than 1 rows/)
  })

  it('ends above bytesMax with an error line, and never without an end', () => {
    const rows = Array.from({ length: 100 }, () => ['x'.repeat(1000)])
    const cut = linesOf(encode(rows, { ...LIMITS, bytesMax: 10_000 }))
    assert.ok(cut.length < 13)
    assert.match(String(cut.at(-1)), /^\{"error":"the result is larger than 10000 bytes/)
  })

  it('explains what the rows throw after the rows before it', () => {
    function* rows(): Generator<readonly unknown[]> {
      yield [1n]
      throw new Error('integer overflow')
    }
    assert.deepEqual(linesOf(encode(rows())).slice(1), ['{"row":[1,[1]]}', '{"error":"integer overflow"}'])
  })
})

describe('a row that is too large to be written', () => {
  it('ends the result with an error line before it is encoded', () => {
    const lines = linesOf(
      encode([
        [1n, 'x'],
        [2n, new Uint8Array(100 * 1024 * 1024)],
        [3n, 'y'],
      ]),
    )
    assert.deepEqual(lines.slice(1), [
      '{"row":[1,[1,"x"]]}',
      '{"error":"a row is larger than 256 MiB of JSON; select less of it"}',
    ])
  })
})
