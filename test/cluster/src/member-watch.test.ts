import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { AgentApi } from './agent-api.ts'
import { MemberWatch } from './member-watch.ts'
import { waitUntil } from './wait-until.ts'

const line = (name: string, state: string): string => `${JSON.stringify({ member: { name, state } })}\n`

test('what an agent tells is kept line by line, also where a line comes in two parts', async (t) => {
  const server = createServer((_, response) => {
    response.write(`{"members":[]}\n${line('a', 'alive')}${line('b', 'down').slice(0, 9)}`)
    setImmediate(() => response.write(line('b', 'down').slice(9) + line('b', 'alive')))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const apiPort = (server.address() as AddressInfo).port
  const watch = new MemberWatch()
  await watch.open({ name: 'x', apiPort, api: new AgentApi('x', apiPort) })
  const told = await waitUntil({ what: 'three lines', deadlineMs: 5_000 }, async () =>
    watch.events.length === 3 ? watch.events : undefined,
  )
  assert.deepEqual(
    told.map(({ observer, name, state }) => `${observer} ${name} ${state}`),
    ['x a alive', 'x b down', 'x b alive'],
  )
  const at = watch.firstTold('x', 'b', 'down', 0)
  assert.equal(at, told[1]?.atMs)
  assert.equal(watch.firstTold('x', 'b', 'down', (at ?? 0) + 1_000), undefined)
  watch.close()
  assert.deepEqual(watch.broken, [])
})
