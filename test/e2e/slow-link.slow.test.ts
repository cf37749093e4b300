/**
 * Transactions at one agent, followed at another over a slow link that breaks again and again in the middle of them: agents,
 * `patina template` and a reader of batches as real processes and sockets. Large ones come to the second agent in several
 * changesets. The file never holds a part of one, the guard sees the whole, and the reader has no state that is torn.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Client, createClient, type Subscription } from '@patina/client'
import { type AgentApi, startCluster, waitUntil } from '@patina/test-cluster'
import { SlowLink } from './slow-link.ts'
import { TemplateProcess } from './template-process.ts'

const ROWS = 4_000
const KEPT = 40
const INSERT = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
INSERT INTO machines (id, app, port) SELECT 'm' || i, 'app' || (i % ${ROWS / KEPT}), 0 FROM n`
const TURNS = 40
const DEADLINE_MS = 30_000

/** Follows all rows, of which every transaction of the test sets the port to the same number. */
class BatchReader {
  /** Of each batch; 0: a result began. */
  readonly sizes: number[] = []
  /** States with two ports. */
  torn = 0
  readonly #ports = new Map<unknown, unknown>()
  readonly #subscription: Subscription
  readonly #ended: Promise<void>

  constructor(client: Client) {
    this.#subscription = client.subscribe('SELECT id, port FROM machines', { resnapshot: true })
    this.#ended = this.#follow()
  }

  get isComplete(): boolean {
    return this.#subscription.lastChangeId !== undefined
  }

  /** The port of so many rows; undefined where it is torn. */
  state(): string | undefined {
    const ports = new Set(this.#ports.values())
    return ports.size > 1 ? undefined : `${this.#ports.size} rows at ${[...ports]}`
  }

  async close(): Promise<void> {
    this.#subscription.close()
    await this.#ended
  }

  async #follow(): Promise<void> {
    for await (const event of this.#subscription.batches()) {
      if (event.kind === 'columns') {
        this.sizes.push(0)
        this.#ports.clear()
      } else if (event.kind === 'row') this.#ports.set(event.rowId, event.cells[1])
      else if (event.kind === 'changes') {
        this.sizes.push(event.changes.length)
        for (const { change, rowId, cells } of event.changes)
          if (change === 'delete') this.#ports.delete(rowId)
          else this.#ports.set(rowId, cells[1])
      }
      if (event.kind !== 'columns' && event.kind !== 'row' && this.state() === undefined) this.torn += 1
    }
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  await waitUntil({ what, deadlineMs: DEADLINE_MS }, async () => ((await holds()) ? true : undefined))
}

/** A link to an agent that has the rows of another one, from whose API they are changed. */
async function setStage(t: TestContext): Promise<{ readonly api: AgentApi; readonly link: SlowLink }> {
  const cluster = await startCluster(t, { names: ['ams', 'nrt'] })
  const [{ api }, follower] = [cluster.node('ams'), cluster.node('nrt')]
  await api.execute([[INSERT, []]])
  const count = (): Promise<string> => follower.api.query('SELECT count(*) FROM machines').then(String)
  await until('the other agent has the rows', async () => (await count()) === String(ROWS))
  return { api, link: await SlowLink.to(t, follower.apiPort) }
}

/** The file of `patina template` behind the link, and what else than at first it was. */
async function followInFile(
  t: TestContext,
  port: number,
): Promise<{ readonly templates: TemplateProcess; readonly others: ReadonlySet<string> }> {
  const folder = mkdtempSync(join(tmpdir(), 'patina-slow-link-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [source, destination] = [join(folder, 'list.eta'), join(folder, 'list')]
  writeFileSync(source, '<% for (const { id } of sql`SELECT id FROM machines`) { %>\n<%= id %>\n<% } %>\n')
  const templates = new TemplateProcess(t, port, [`${source}:${destination}`])
  await templates.until('written')
  const first = readFileSync(destination, 'utf8')
  assert.equal(first.trim().split('\n').length, ROWS)
  const others = new Set<string>()
  const looking = setInterval(() => {
    const text = existsSync(destination) ? readFileSync(destination, 'utf8') : ''
    if (text !== first) others.add(text)
  }, 10)
  t.after(() => clearInterval(looking))
  return { templates, others }
}

test('over a slow link that breaks, no part of a transaction is written or delivered', async (t) => {
  const { api, link } = await setStage(t)
  const { templates, others } = await followInFile(t, link.port)
  const reader = new BatchReader(createClient({ addresses: `127.0.0.1:${link.port}` }))
  t.after(() => reader.close())
  await until('the result is read', () => reader.isComplete)

  link.slow = { pieceBytes: 16 * 1024, pauseMs: 60, piecesMax: 3 }
  await api.execute([['DELETE FROM machines WHERE app <> ?', ['app1']]])
  const { shrunk } = await templates.until('held')
  const [{ from, to }] = shrunk as [{ readonly from: number; readonly to: number }]
  assert.deepEqual([from, to, others.size], [ROWS, KEPT, 0])
  await until('the deletion is read', () => reader.sizes.length > 1)
  assert.deepEqual(reader.sizes, [0, ROWS - KEPT])
  assert.ok(link.breaks >= 4, `${link.breaks} breaks`)
  templates.signal('SIGTERM')
  assert.equal(await templates.ended(), 0)

  link.slow = { pieceBytes: 2048, pauseMs: 5, piecesMax: 6 }
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const batches = reader.sizes.length
    await api.execute([
      ['UPDATE machines SET port = ?', [turn]],
      ["INSERT INTO machines (id, app, port) VALUES (?, 'more', ?)", [`more${turn}`, turn]],
    ])
    // Else all would be one batch.
    if (turn % 4 === 0) await until('some of it is read', () => reader.sizes.length > batches)
  }
  await until('all is read', () => reader.state() === `${KEPT + TURNS} rows at ${TURNS}`)
  assert.equal(reader.torn, 0)
  t.diagnostic(`${link.breaks} breaks, ${reader.sizes.length} batches`)
})
