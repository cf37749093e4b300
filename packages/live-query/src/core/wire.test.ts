/** Lines as the original writes them, to the letter. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeLine, columnsLine, endOfQueryLine, errorLine, laggedFault, storedRowText } from './wire.ts'

const text = (line: Uint8Array): string => new TextDecoder().decode(line)

test('each line is one JSON object', () => {
  assert.equal(text(columnsLine(['a', 'count(*)', '"'])), '{"columns":["a","count(*)","\\""]}\n')
  assert.equal(storedRowText(7, '[1,"x"]'), '{"row":[7,[1,"x"]]}\n')
  assert.equal(text(endOfQueryLine(0.25, 9)), '{"eoq":{"time":0.25,"change_id":9}}\n')
  assert.equal(
    text(changeLine({ kind: 'update', rowId: 3, cells: '[null]', identity: undefined }, 12)),
    '{"change":["update",3,[null],12]}\n',
  )
  const fault = { message: 'no "x"', code: 'too-large' }
  assert.equal(text(errorLine(fault, 'coded')), '{"error":"no \\"x\\"","code":"too-large"}\n')
  assert.equal(text(errorLine(fault, 'plain')), '{"error":"no \\"x\\""}\n')
  assert.equal(text(errorLine({ message: 'no' }, 'coded')), '{"error":"no"}\n')
  assert.equal(
    text(errorLine(laggedFault(undefined, false), 'coded')),
    '{"error":"lagged: the reader fell behind before its first rows were complete; subscribe again","code":"lagged","last_change_id":null}\n',
  )
})
