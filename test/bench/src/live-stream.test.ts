import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import test from 'node:test'
import { LiveStream } from './live-stream.ts'

async function serve(t: test.TestContext, answer: (response: ServerResponse) => void): Promise<number> {
  const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as { readonly port: number }).port
}

test('rows of changes are told from the end of the first rows on, however the bytes are cut', async (t) => {
  const lines = [
    '{"columns":["id","n"]}',
    '{"row":[1,["a",1]]}',
    '{"eoq":{"time":0.1,"change_id":0}}',
    '{"change":["update",1,["a",2],1]}',
    '{"change":["delete",1,["a",2],2]}',
    '{"change":["insert",2,["é",3],3]}',
  ]
  const port = await serve(t, (response) => {
    response.write(`${lines.slice(0, 3).join('\n')}\n`)
    setImmediate(() => response.write(`${lines.slice(3).join('\n')}\n`))
  })
  const told: unknown[] = []
  const both = Promise.withResolvers<void>()
  const stream = await LiveStream.open(port, ['SELECT 1', []], (cells) => {
    told.push(cells)
    if (told.length === 2) both.resolve()
  })
  await both.promise
  assert.deepEqual(told, [
    ['a', 2],
    ['é', 3],
  ])
  assert.equal(stream.failed, undefined)
  stream.close()
})

test('a refusal, an error line and an end are failures', async (t) => {
  const refusing = await serve(t, (response) => void response.writeHead(503).end('{}'))
  await assert.rejects(
    LiveStream.open(refusing, ['SELECT 1', []], () => {}),
    /503/,
  )
  const failing = await serve(t, (response) => void response.end('{"error":"no"}\n'))
  await assert.rejects(
    LiveStream.open(failing, ['SELECT 1', []], () => {}),
    /"no"/,
  )
})
