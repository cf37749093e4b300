/**
 * A small HTTP server, one instance of an app: `node app-server.ts --name web-ams-1 --port 0`. Answers / and /healthz on
 * loopback and prints its port when it listens. It ends with its stdin, so that it cannot outlive who started it.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { name: { type: 'string', default: 'app' }, port: { type: 'string', default: '0' } },
})

const server = createServer((request, response) => {
  if (request.url === '/healthz') response.end('ok\n')
  else if (request.url === '/') response.end(`${values.name} says hello\n`)
  else response.writeHead(404).end('there is / and /healthz\n')
})
server.listen(Number(values.port), '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
process.stdin.on('end', () => process.exit()).resume()
