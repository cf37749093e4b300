/** What the agent's HTTP API is measured against: node:http that reads a request and answers a constant. */
import { createServer } from 'node:http'

/** As long as the answer to a transaction of one statement. */
const ANSWER = JSON.stringify({
  results: [{ rows_affected: 1, time: 0.000_012 }],
  time: 0.000_345,
  version: 12_345,
  actor_id: '0123456789abcdef0123456789abcdef',
})

const server = createServer((request, response) => {
  request.on('data', () => {})
  request.on('end', () =>
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length })
      .end(ANSWER),
  )
}).listen(0, '127.0.0.1', () => process.send?.((server.address() as { readonly port: number }).port))
process.on('disconnect', () => process.exit())
