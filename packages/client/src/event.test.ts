import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { IntegerRangeError, ProtocolError } from './error.ts'
import { eventReader, type StreamEvent } from './event.ts'

function read(line: string): StreamEvent {
  return eventReader({})(line)
}

test('each line of the protocol', () => {
  assert.deepEqual(read('{"columns":["a","b"]}'), { kind: 'columns', columns: ['a', 'b'] })
  assert.deepEqual(read('{"row":[7,["x",1]]}'), { kind: 'row', rowId: 7, cells: ['x', 1] })
  assert.deepEqual(read('{"eoq":{"time":0.5}}'), { kind: 'eoq', seconds: 0.5 })
  assert.deepEqual(read('{"eoq":{"time":8e-8,"change_id":0}}'), { kind: 'eoq', seconds: 8e-8, changeId: 0 })
  assert.deepEqual(read('{"change":["delete",7,[null],3]}'), {
    kind: 'change',
    change: 'delete',
    rowId: 7,
    cells: [null],
    changeId: 3,
  })
  assert.deepEqual(read('{"mark":3}'), { kind: 'mark', changeId: 3 })
  assert.deepEqual(read('{"error":"no"}'), { kind: 'error', message: 'no', code: undefined })
  assert.deepEqual(read('{"error":"no","code":"lagged"}'), { kind: 'error', message: 'no', code: 'lagged' })
})

test('ids are numbers also where cells are texts', () => {
  const event = eventReader({ numbers: 'text' })('{"change":["insert",7,[1.0],3]}')
  assert.deepEqual([event.kind, 'rowId' in event && event.rowId], ['change', 7])
  assert.equal('changeId' in event && event.changeId, 3)
})

test('a line that is no event is a ProtocolError', () => {
  const lines = [
    '',
    '{',
    'null',
    '7',
    '[]',
    '{}',
    '{"columns":[1]}',
    '{"row":[]}',
    '{"row":[1,{}]}',
    '{"row":[-1,[]]}',
    '{"row":["1",[]]}',
    '{"change":["notify",1,[],1]}',
    '{"change":["insert",1,[],0.5]}',
    '{"eoq":{"time":"x"}}',
    '{"eoq":{"change_id":-1}}',
    '{"error":7}',
    '{"mark":null}',
    '{"mark":-1}',
  ]
  for (const line of lines) assert.throws(() => read(line), ProtocolError, line)
})

test('arbitrary JSON gives an event or a typed error', () => {
  const key = fc.constantFrom('row', 'change', 'mark', 'eoq', 'columns', 'error')
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), (value) => {
      try {
        read(JSON.stringify(value))
      } catch (cause) {
        assert.ok(cause instanceof ProtocolError || cause instanceof IntegerRangeError)
      }
    }),
  )
})
