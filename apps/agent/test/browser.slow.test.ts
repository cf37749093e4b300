/** @patina/client in a real browser, on a page of another origin: values, writes, a live result, members; refused elsewhere. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

const CLIENT = new URL('../../../packages/client/src/', import.meta.url)
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome']
const browser = BROWSERS.find((name) => spawnSync(name, ['--version']).status === 0)
const PAGE_MS = 60_000

/** What the page does; each step's outcome is sent back as JSON. */
const PROGRAM = `
import { createClient } from '/client/index.ts'
const client = createClient({ addresses: 'AGENT' })
const outcome = {}
try {
  const big = 2n ** 62n + 1n
  const insert = 'INSERT INTO items (id, n, r, b, t) VALUES (?, ?, ?, ?, ?)'
  const { version } = await client.execute([[insert, ['page', big, 1.5, new Uint8Array([0, 255]), 'ü😀']]])
  outcome.version = version
  const [row] = await client.query('SELECT * FROM items', [], { integers: 'bigint', blobs: 'bytes' }).all()
  outcome.row = row.map((cell) => (typeof cell === 'bigint' ? cell.toString() : cell instanceof Uint8Array ? [...cell] : cell))
  outcome.states = (await client.members()).map(({ state }) => state)
  outcome.events = []
  for await (const event of client.subscribe('SELECT id FROM items')) {
    outcome.events.push(event.kind)
    if (event.kind === 'eoq') await client.execute(["INSERT INTO items (id) VALUES ('live')"])
    if (event.kind === 'change') break
  }
  for await (const members of client.watchMembers()) {
    outcome.watched = members.length
    break
  }
  await client.query('SELECT nothing').all().catch(({ name, status }) => {
    outcome.refused = [name, status]
  })
} catch (cause) {
  outcome.error = String(cause)
}
await fetch('/done', { method: 'POST', body: JSON.stringify(outcome) })
`

interface Outcome {
  readonly [step: string]: unknown
}

interface Page {
  readonly origin: string
  /** The agent that the page talks to. */
  agent: string
  readonly outcome: Promise<Outcome>
}

async function servePage(t: TestContext): Promise<Page> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    if (pathname === '/done') {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part
      })
      request.on('end', () => {
        response.end()
        resolve(JSON.parse(body))
      })
    } else if (pathname.startsWith('/client/')) {
      const source = readFileSync(new URL(pathname.slice('/client/'.length), CLIENT), 'utf8')
      response.setHeader('content-type', 'text/javascript').end(stripTypeScriptTypes(source))
    } else {
      const script = PROGRAM.replace('AGENT', page.agent)
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(`<!doctype html><script type="module">${script}</script>`)
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const page: Page = { origin: `http://127.0.0.1:${port}`, agent: '', outcome: promise }
  return page
}

/** What the page sends back. */
async function visit(t: TestContext, { origin, outcome }: Page): Promise<Outcome> {
  const profile = join(temporaryFolder(t), 'profile')
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    `--user-data-dir=${profile}`,
  ]
  const child = spawn(browser as string, [...flags, origin], { stdio: 'ignore', detached: true })
  const ended = new Promise<Outcome>((resolve) =>
    child.on('close', () => resolve({ error: 'the browser ended' })),
  )
  const late = new Promise<Outcome>((resolve) => {
    setTimeout(() => resolve({ error: 'the page did not answer' }), PAGE_MS).unref()
  })
  try {
    return await Promise.race([outcome, ended, late])
  } finally {
    process.kill(-(child.pid as number), 'SIGKILL')
    await ended
  }
}

test('the client in a browser', async (t) => {
  if (browser === undefined) return t.skip(`there is none of ${BROWSERS.join(', ')} here`)
  const page = await servePage(t)
  const config = writeConfig(temporaryFolder(t))
  const text = readFileSync(config, 'utf8')
  writeFileSync(config, text.replace('[api]\n', `[api]\ncors_origins = ["${page.origin}"]\n`))
  const agent = await AgentUnderTest.start(t, config)
  page.agent = agent.base
  assert.deepEqual(await visit(t, page), {
    version: 1,
    row: ['page', '4611686018427387905', 1.5, [0, 255], 'ü😀'],
    states: ['alive'],
    events: ['columns', 'row', 'eoq', 'change'],
    watched: 1,
    refused: ['ApiError', 400],
  })
})

test('a page of an origin that nobody configured writes nothing', async (t) => {
  if (browser === undefined) return t.skip(`there is none of ${BROWSERS.join(', ')} here`)
  const page = await servePage(t)
  const agent = await AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))
  page.agent = agent.base
  assert.match(String((await visit(t, page)).error), /ConnectionError/)
  assert.equal((await agent.query('SELECT id FROM items')).length, 2)
})
