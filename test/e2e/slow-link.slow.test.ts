/**
 * A mass deletion at one agent, followed at another over a slow link that breaks again and again in the middle of it: agents,
 * `patina template` and a reader of batches as real processes and sockets. The deletion comes to the second agent in several
 * changesets. The file never holds a part of it, and the guard sees the whole.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createClient } from '@patina/client'
import { startCluster, waitUntil } from '@patina/test-cluster'
import { SlowLink } from './slow-link.ts'
import { TemplateProcess } from './template-process.ts'

const ROWS = 4_000
const KEPT = 40
const INSERT = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
INSERT INTO machines (id, app) SELECT 'm' || i, 'app' || (i % ${ROWS / KEPT}) FROM n`
const DEADLINE_MS = 30_000

test('of a mass deletion over a slow link that breaks no part is written or delivered', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-slow-link-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const cluster = await startCluster(t, { names: ['ams', 'nrt'] })
  const [{ api }, follower] = [cluster.node('ams'), cluster.node('nrt')]
  await api.execute([[INSERT, []]])
  await waitUntil({ what: 'the other agent has the rows', deadlineMs: DEADLINE_MS }, async () =>
    String(await follower.api.query('SELECT count(*) FROM machines')) === `${ROWS}` ? true : undefined,
  )
  const link = await SlowLink.to(t, follower.apiPort)

  const [source, destination] = [join(folder, 'list.eta'), join(folder, 'list')]
  writeFileSync(source, '<% for (const { id } of sql`SELECT id FROM machines`) { %>\n<%= id %>\n<% } %>\n')
  const templates = new TemplateProcess(t, link.port, [`${source}:${destination}`])
  await templates.until('written')
  const good = readFileSync(destination, 'utf8')
  assert.equal(good.trim().split('\n').length, ROWS)

  const batches: number[] = []
  const subscription = createClient({ addresses: `127.0.0.1:${link.port}` }).subscribe(
    'SELECT id FROM machines',
    { resnapshot: true },
  )
  const reading = (async () => {
    for await (const event of subscription.batches()) {
      if (event.kind === 'columns') batches.push(0)
      if (event.kind === 'changes') batches.push(event.changes.length)
    }
  })()
  t.after(() => subscription.close())
  await waitUntil({ what: 'the result is read', deadlineMs: DEADLINE_MS }, async () =>
    subscription.lastChangeId === undefined ? undefined : true,
  )

  const others = new Set<string>()
  const looking = setInterval(() => {
    const text = existsSync(destination) ? readFileSync(destination, 'utf8') : ''
    if (text !== good) others.add(text)
  }, 10)
  t.after(() => clearInterval(looking))
  link.slow = { pieceBytes: 16 * 1024, pauseMs: 60, piecesMax: 3 }
  await api.execute([['DELETE FROM machines WHERE app <> ?', ['app1']]])
  const { shrunk } = await templates.until('held')
  const [{ from, to }] = shrunk as [{ readonly from: number; readonly to: number }]
  assert.deepEqual([from, to, others.size], [ROWS, KEPT, 0])
  await waitUntil({ what: 'the deletion is read', deadlineMs: DEADLINE_MS }, async () =>
    batches.length < 2 ? undefined : true,
  )
  assert.deepEqual(batches, [0, ROWS - KEPT])
  assert.ok(link.breaks >= 4, `${link.breaks} breaks`)
  subscription.close()
  await reading
  templates.signal('SIGTERM')
  assert.equal(await templates.ended(), 0)
})
