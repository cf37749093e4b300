import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Coordinate } from './coordinate.ts'
import { Coordinates, NO_COORDINATE } from './coordinates.ts'

const float = fc.float({ noNaN: true, noDefaultInfinity: true })
const coordinate: fc.Arbitrary<Coordinate> = fc.record(
  {
    place: fc.array(float, { minLength: 8, maxLength: 8 }),
    height: float,
    adjustment: float,
    error: float,
  },
  { noNullPrototype: true },
)

test('what was put is read, whatever is put, changed and given back besides', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40), coordinate, fc.boolean()), { maxLength: 120 }), (steps) => {
      const coordinates = new Coordinates()
      const rows = new Map<number, number>()
      const model = new Map<number, Coordinate>()
      for (const [member, told, isForgotten] of steps) {
        if (isForgotten) {
          coordinates.free(rows.get(member) ?? NO_COORDINATE)
          rows.delete(member)
          model.delete(member)
        } else {
          rows.set(member, coordinates.put(rows.get(member) ?? NO_COORDINATE, told))
          model.set(member, told)
        }
        assert.equal(new Set(rows.values()).size, rows.size)
        for (const [known, held] of model) assert.deepEqual(coordinates.get(rows.get(known) ?? -1), held)
      }
    }),
    { numRuns: 30 },
  )
  assert.equal(new Coordinates().get(NO_COORDINATE), undefined)
})
