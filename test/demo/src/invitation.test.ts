import assert from 'node:assert/strict'
import test from 'node:test'
import type { AppServer } from './app-servers.ts'
import { invitation } from './invitation.ts'

const nodes = [
  { name: 'ams', apiPort: 4001 },
  { name: 'nrt', apiPort: 4002 },
] as const
const servers: readonly AppServer[] = [
  { id: 'web-ams-1', app: 'web', node: 'ams', port: 5001, pid: 77 },
  { id: 'web-ams-2', app: 'web', node: 'ams', port: 5002, pid: 78 },
  { id: 'web-nrt-1', app: 'web', node: 'nrt', port: 5003, pid: 79 },
]

test('every agent and server is named, and the lines to paste call them', () => {
  const text = invitation({
    folder: '/tmp/x',
    nodes,
    servers,
    watcher: nodes[1],
    query: `SELECT i.id FROM instances i WHERE i.app = 'web'`,
  })
  for (const word of ['http://127.0.0.1:4001', 'http://127.0.0.1:5003', 'process 79', '/tmp/x'])
    assert.ok(text.includes(word), word)
  const lines = text.split('\n').filter((line) => /^ {2}(?:curl|npx|kill) /.test(line))
  assert.equal(lines.length, 5)
  const [watch, register, kill, query, members] = lines as [string, string, string, string, string]
  assert.match(watch, /patina watch "SELECT [^"]* 'web'" --api-addr 127\.0\.0\.1:4002$/)
  assert.match(register, /127\.0\.0\.1:4001\/v1\/transactions .*"web-ams-3","web","ams","127\.0\.0\.1",5002,/)
  assert.match(kill, /kill -9 77$/)
  assert.match(query, /-d '"SELECT [^']*"'$/)
  assert.match(members, /curl -s http:\/\/127\.0\.0\.1:4002\/v1\/members$/)
})
