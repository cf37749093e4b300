/** Lines as the original writes them, to the letter. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeLine, columnsLine, endOfQueryLine, errorLine, storedRowText } from './wire.ts'

const text = (line: Uint8Array): string => new TextDecoder().decode(line)

test('each line is one JSON object', () => {
  assert.equal(text(columnsLine(['a', 'count(*)', '"'])), '{"columns":["a","count(*)","\\""]}\n')
  assert.equal(storedRowText(7, '[1,"x"]'), '{"row":[7,[1,"x"]]}\n')
  assert.equal(text(endOfQueryLine(0.25, 9)), '{"eoq":{"time":0.25,"change_id":9}}\n')
  assert.equal(
    text(changeLine({ kind: 'update', rowId: 3, cells: '[null]', identity: undefined }, 12)),
    '{"change":["update",3,[null],12]}\n',
  )
  assert.equal(text(errorLine('no "x"')), '{"error":"no \\"x\\""}\n')
  assert.equal(text(errorLine('no', 'too-large')), '{"error":"no","code":"too-large"}\n')
})
