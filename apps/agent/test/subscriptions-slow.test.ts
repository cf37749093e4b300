/**
 * Readers that stop reading, over real sockets: what they find when they read on, that others do not notice, and that the
 * agent's memory stays bounded meanwhile.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import {
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

const SELECT = 'SELECT id, t FROM items'
const WAIT_MS = 20_000

/**
 * Of what is written to a reader who takes none of it, the part by which the agent may grow meanwhile. It holds none of
 * it in the end, but garbage in four processes comes and goes by a good 50 MB, more on machines with more memory.
 */
const GROWTH_MAX = 0.6

interface Told {
  readonly change?: readonly [string, number, readonly unknown[], number]
  readonly error?: string
  readonly code?: string
  readonly last_change_id?: number | null
}

/** Lines of JSON in the body of an answer; those of chunked encoding stand between them. */
class Lines {
  readonly all: Told[] = []
  #rest = ''
  #wake: () => void = () => {}

  add(part: string): void {
    const lines = (this.#rest + part).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('{')) this.all.push(JSON.parse(line) as Told)
    this.#wake()
  }

  get lastChange(): number {
    return this.all.findLast(({ change }) => change !== undefined)?.change?.[3] ?? 0
  }

  /** Whether the last change is what the n-th write made; earlier ones may have shared a change. */
  shows(n: number): boolean {
    return String(this.all.at(-1)?.change?.[2][1]).startsWith(`${n}x`)
  }

  async until(enough: () => boolean): Promise<void> {
    const deadline = performance.now() + WAIT_MS
    while (!enough()) {
      assert(
        performance.now() < deadline,
        `waited in vain: ${JSON.stringify(this.all.at(-1))?.slice(0, 200)}`,
      )
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

function subscribe(
  t: TestContext,
  agent: AgentUnderTest,
): { readonly socket: Socket; readonly lines: Lines } {
  const { hostname, port } = new URL(agent.base)
  const socket = connect(Number(port), hostname)
  const lines = new Lines()
  const body = JSON.stringify(SELECT)
  const head = ['POST /v1/subscriptions HTTP/1.1', 'host: localhost', 'content-type: application/json']
  socket.write(`${head.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  socket.setEncoding('utf8').on('data', (part: string) => lines.add(part))
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  return { socket, lines }
}

async function write(agent: AgentUnderTest, n: number, bytes: number): Promise<void> {
  const statement = ['UPDATE items SET t = ? WHERE id = ?', [`${n}${'x'.repeat(bytes)}`, 'a']]
  const response = await agent.post('/v1/transactions', [statement])
  assert.equal(response.status, 200, await response.text())
}

/** Resident bytes of main and of its children; undefined where the system has no /proc. */
function residentBytes(agent: AgentUnderTest): number | undefined {
  const { pid } = agent.process
  if (!existsSync(`/proc/${pid}/smaps_rollup`)) return undefined
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ')
  const sizes = [String(pid), ...children].map((each) => {
    const found = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${each}/smaps_rollup`, 'latin1'))
    return 1_024 * Number(found?.[1])
  })
  return sizes.reduce((sum, size) => sum + size, 0)
}

test('a reader that stops is cut off from what exceeds its buffer; others are not, and memory stays bounded', async (t) => {
  const agent = await AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))
  const insert = await agent.post('/v1/transactions', ["INSERT INTO items (id) VALUES ('a')"])
  assert.equal(insert.status, 200)
  const slow = subscribe(t, agent)
  const quick = subscribe(t, agent)
  await Promise.all([slow, quick].map(({ lines }) => lines.until(() => lines.all.length >= 3)))
  slow.socket.pause()
  // What the system holds for a socket comes first, then the agent's own buffer. The rest has no place.
  const [filled, writes, size] = [60, 300, 1024 * 1024]
  for (let n = 1; n <= filled; n += 1) await write(agent, n, size)
  const before = residentBytes(agent)
  for (let n = filled + 1; n <= writes; n += 1) await write(agent, n, size)
  await quick.lines.until(() => quick.lines.shows(writes))
  const after = residentBytes(agent)
  if (before !== undefined && after !== undefined)
    assert.ok(
      after - before < GROWTH_MAX * (writes - filled) * size,
      `${Math.round((after - before) / 1e6)} MB more`,
    )
  slow.socket.resume()
  await slow.lines.until(() => slow.lines.all.at(-1)?.error !== undefined)
  const last = slow.lines.all.at(-1)
  assert.equal(last?.code, 'lagged')
  assert.equal(last?.last_change_id, slow.lines.lastChange)
  assert.match(last?.error ?? '', /^lagged: the reader fell behind after change \d+, .* subscribe again$/)
  assert.ok(slow.lines.lastChange < quick.lines.lastChange)
  // What came before it is whole: every change up to there.
  assert.deepEqual(
    slow.lines.all.flatMap(({ change }) => (change === undefined ? [] : [change[3]])),
    Array.from({ length: slow.lines.lastChange }, (_, i) => i + 1),
  )
  assert.equal(quick.lines.all.at(-1)?.error, undefined)
})

/** A subscription of HTTP/2, whose window of 64 KiB makes a reader that stops felt at once. */
async function subscribeHttp2(
  t: TestContext,
  agent: AgentUnderTest,
): Promise<{ readonly stream: ClientHttp2Stream; readonly id: string }> {
  const session = connectHttp2(agent.base)
  t.after(() => session.destroy())
  const stream = session.request({
    ':method': 'POST',
    ':path': '/v1/subscriptions',
    'content-type': 'application/json',
  })
  stream.on('error', () => {})
  stream.end(JSON.stringify(SELECT))
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  return { stream, id: String(headers['corro-query-id']) }
}

test('a reader that took nothing for client_stall_secs finds where to resume, and resumes there', async (t) => {
  const config = writeConfig(temporaryFolder(t), 'limits = { client_stall_secs = 1 }')
  const agent = await AgentUnderTest.start(t, config)
  assert.equal((await agent.post('/v1/transactions', ["INSERT INTO items (id) VALUES ('a')"])).status, 200)
  const quick = subscribe(t, agent)
  const slow = await subscribeHttp2(t, agent)
  await quick.lines.until(() => quick.lines.all.length >= 3)
  for (let n = 1; n <= 8; n += 1) await write(agent, n, 100 * 1024)
  await quick.lines.until(() => quick.lines.shows(8))
  await new Promise((resolve) => setTimeout(resolve, 1_300))
  const lines = new Lines()
  slow.stream.setEncoding('utf8').on('data', (part: string) => lines.add(part))
  await once(slow.stream, 'end')
  const last = lines.all.at(-1)
  assert.equal(last?.code, 'lagged', JSON.stringify(last)?.slice(0, 200))
  assert.equal(last?.last_change_id, lines.lastChange)
  assert.ok(lines.lastChange < quick.lines.lastChange)
  const path = `/v1/subscriptions/${slow.id}?from=${last?.last_change_id}`
  const again = await fetch(`${agent.base}${path}`, { signal: AbortSignal.timeout(WAIT_MS) })
  const rest = new Lines()
  const decoder = new TextDecoder()
  for await (const part of again.body as ReadableStream<Uint8Array>) {
    rest.add(decoder.decode(part, { stream: true }))
    if (rest.shows(8)) break
  }
  assert.equal(rest.all[0]?.change?.[3], lines.lastChange + 1)
  assert.equal(quick.lines.all.at(-1)?.error, undefined)
})

test('one that does not even come to that line is cut off', async (t) => {
  const config = writeConfig(temporaryFolder(t), 'limits = { client_stall_secs = 1 }')
  const agent = await AgentUnderTest.start(t, config)
  assert.equal((await agent.post('/v1/transactions', ["INSERT INTO items (id) VALUES ('a')"])).status, 200)
  const { stream } = await subscribeHttp2(t, agent)
  const closed = new Promise((resolve) => stream.once('close', resolve))
  for (let n = 1; n <= 8; n += 1) await write(agent, n, 100 * 1024)
  await closed
  assert.equal(stream.rstCode, constants.NGHTTP2_INTERNAL_ERROR)
})
