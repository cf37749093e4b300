import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MissedChangeError, ProtocolError } from './error.ts'
import { EventOrder } from './event-order.ts'

type Event = Parameters<EventOrder['accept']>[0]

const columns: Event = { kind: 'columns', columns: [] }
const row: Event = { kind: 'row', rowId: 1, cells: [] }
function eoq(changeId?: number): Event {
  return { kind: 'eoq', seconds: 0, ...(changeId === undefined ? {} : { changeId }) }
}
function change(changeId: number): Event {
  return { kind: 'change', change: 'update', rowId: 1, cells: [], changeId }
}
function mark(changeId: number): Event {
  return { kind: 'mark', changeId }
}

function accept(order: EventOrder, ...events: readonly Event[]): boolean[] {
  return events.map((event) => order.accept(event))
}

test('a result, then changes one by one', () => {
  const order = new EventOrder()
  assert.equal(order.isUntouched(), true)
  assert.deepEqual(accept(order, columns, row, row), [true, true, true])
  assert.deepEqual([order.isUntouched(), order.last], [false, undefined])
  assert.deepEqual(accept(order, eoq(4), change(5), change(6)), [true, true, true])
  assert.equal(order.last, 6)
})

test('a change that is missing or doubled is seen, in every way of beginning', () => {
  for (const wrong of [4, 6, 7]) {
    const order = new EventOrder()
    accept(order, columns, eoq(4))
    assert.throws(
      () => order.accept(change(wrong)),
      (cause) => cause instanceof MissedChangeError && cause.expected === 5 && cause.got === wrong,
    )
    order.expectChanges(4)
    if (wrong !== 5) assert.throws(() => order.accept(change(wrong)), MissedChangeError)
  }
})

test('without a known position the first change names it', () => {
  const order = new EventOrder()
  order.expectChanges(undefined)
  assert.deepEqual(accept(order, change(17), change(18)), [true, true])
  assert.throws(() => order.accept(change(20)), MissedChangeError)
})

test('a mark is behind the last change, or tells which that is', () => {
  const order = new EventOrder()
  accept(order, columns, eoq(4), change(5))
  assert.equal(order.accept(mark(5)), true)
  for (const wrong of [4, 6]) assert.throws(() => order.accept(mark(wrong)), MissedChangeError)
  order.expectChanges(undefined)
  accept(order, mark(17), change(18), mark(18))
  assert.equal(order.last, 18)
  order.expectResult()
  assert.throws(() => order.accept(mark(0)), ProtocolError)
})

test('from change 0 a result that has not changed is swallowed; one that has is a gap', () => {
  const order = new EventOrder()
  accept(order, columns, row, eoq(0))
  assert.deepEqual(accept(order, columns, row, eoq(0), change(1)), [false, false, false, true])
  order.expectChanges(0)
  assert.deepEqual(accept(order, columns, row), [false, false])
  assert.throws(() => order.accept(eoq(3)), MissedChangeError)
})

test('events where they have no place', () => {
  const cases: readonly (readonly [(order: EventOrder) => void, Event])[] = [
    [() => {}, row],
    [() => {}, eoq(0)],
    [() => {}, change(1)],
    [(order) => accept(order, columns), columns],
    [(order) => accept(order, columns), change(1)],
    [(order) => accept(order, columns), eoq()],
    [(order) => accept(order, columns, eoq(1)), row],
    [(order) => accept(order, columns, eoq(1)), columns],
    [(order) => accept(order, columns, eoq(1)), eoq(1)],
  ]
  for (const [prepare, event] of cases) {
    const order = new EventOrder()
    prepare(order)
    assert.throws(() => order.accept(event), ProtocolError)
  }
})
