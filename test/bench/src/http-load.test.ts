import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import test from 'node:test'
import { AnswerReader, HttpConnection, requestBytes } from './http-load.ts'

test('an answer ends with its length or its last chunk, however it is cut', () => {
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ]
  for (const answer of answers)
    for (let cut = 1; cut < answer.length; cut += 1) {
      const reader = new AnswerReader()
      assert.equal(reader.add(Buffer.from(answer.slice(0, cut))), undefined, answer.slice(0, cut))
      assert.equal(reader.add(Buffer.from(answer.slice(cut))), answer.includes('404') ? 404 : 200)
    }
})

test('requests follow each other on one connection; another status than 200 is an error', async (t) => {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      bodies.push(`${request.url} ${body}`)
      response.writeHead(bodies.length > 2 ? 503 : 200).end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connection = await HttpConnection.open((server.address() as { readonly port: number }).port)
  t.after(() => {
    connection.close()
    server.close()
  })
  await connection.send(requestBytes('/a', [1, 'é']))
  await connection.send(requestBytes('/b', null))
  await assert.rejects(connection.send(requestBytes('/c', {})), /status 503/)
  assert.deepEqual(bodies, ['/a [1,"é"]', '/b null', '/c {}'])
})
