/**
 * `patina template` with real consumers: an agent, nginx and haproxy as real processes. An instance that is down is not reached
 * any more, a mass deletion is held, a broken or endless template changes nothing.
 */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type AgentApi, type Cluster, findFreePorts, startCluster, waitUntil } from '@patina/test-cluster'
import { askProxy, findProxy, startInstance, startProxy, whySkipped } from './proxies.ts'
import { TemplateProcess } from './template-process.ts'

const STEP_MS = 30_000
const SCHEMA = `CREATE TABLE instances (
  id TEXT NOT NULL PRIMARY KEY, app TEXT NOT NULL DEFAULT '', port INTEGER, state TEXT NOT NULL DEFAULT ''
);`
/** So many answers in a row of the same instance: with two in the list each would answer half of them. */
const ANSWERS = 20

interface Stage {
  readonly cluster: Cluster
  readonly api: AgentApi
  readonly apiPort: number
  /** For configuration and what a proxy writes. */
  readonly folder: string
  /** Where the proxy listens. */
  readonly port: number
}

/** An agent that knows two instances of an app, which run. */
async function setStage(t: TestContext, parent: string): Promise<Stage> {
  const folder = mkdtempSync(join(parent, 'patina-proxy-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const schema = join(folder, 'instances.sql')
  writeFileSync(schema, SCHEMA)
  const cluster = await startCluster(t, { names: ['ams'], schemaFiles: [schema] })
  const { api, apiPort } = cluster.node('ams')
  for (const name of ['a', 'b'])
    await api.execute([
      ["INSERT INTO instances VALUES (?, 'web', ?, 'up')", [name, await startInstance(t, name)]],
    ])
  const [port] = await findFreePorts(1)
  return { cluster, api, apiPort, folder, port: port as number }
}

const UP = "sql`SELECT id, port FROM instances WHERE app = 'web' AND state = 'up' ORDER BY id`"

function nginxTemplate({ folder, port }: Stage): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${folder}/${kind};\n`,
  )
  return `pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
${paths.join('')}  upstream web {
<% for (const { id, port } of ${UP}) { %>
    server 127.0.0.1:<%= port %>; # <%= id %>
<% } %>
  }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://web; }
  }
}
`
}

function haproxyTemplate({ port }: Stage): string {
  return `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:${port}
  default_backend instances
backend instances
<% for (const { id, port } of ${UP}) { %>
  server <%= id %> 127.0.0.1:<%= port %>
<% } %>
`
}

/** Waits until both instances answer. */
async function untilBothAnswer(port: number): Promise<void> {
  const seen = new Set<string>()
  await waitUntil({ what: 'both instances answer', deadlineMs: STEP_MS }, async () => {
    seen.add(await askProxy(port))
    return seen.has('a') && seen.has('b') ? true : undefined
  })
}

/** Waits until only `name` answers; ms from the call to the last answer of another. Every request is answered. */
async function untilOnly(name: string, port: number): Promise<number> {
  const began = performance.now()
  let lastOther = began
  let row = 0
  await waitUntil({ what: `only ${name} answers`, deadlineMs: STEP_MS, pollMs: 0 }, async () => {
    const answer = await askProxy(port)
    assert.match(answer, /^[ab]$/)
    row = answer === name ? row + 1 : 0
    if (answer !== name) lastOther = performance.now()
    return row >= ANSWERS ? true : undefined
  })
  return lastOther - began
}

test('nginx: an instance that is down is not reached any more; a mass deletion is held; bad templates change nothing', {
  skip: whySkipped('nginx'),
}, async (t) => {
  const program = findProxy('nginx') as string
  const stage = await setStage(t, tmpdir())
  const { api, apiPort, folder, port } = stage
  const [source, destination] = [join(folder, 'nginx.conf.eta'), join(folder, 'nginx.conf')]
  writeFileSync(source, nginxTemplate(stage))
  const nginx = [program, '-c', destination, '-e', join(folder, 'error.log')]
  const once = new TemplateProcess(t, apiPort, [`${source}:${destination}`, '--once', '--perms', '0640'])
  assert.equal(await once.ended(), 0)
  startProxy(t, join(folder, 'log'), [...nginx, '-g', 'daemon off;'])
  await untilBothAnswer(port)

  const templates = new TemplateProcess(t, apiPort, [
    `${source}:${destination}:${nginx.join(' ')} -s reload`,
    '--max-shrink',
    '0.5',
  ])
  await templates.until('unchanged')
  await api.execute([["UPDATE instances SET state = 'down' WHERE id = 'a'", []]])
  const ms = await untilOnly('b', port)
  t.diagnostic(`nginx: ${Math.round(ms)} ms from the commit to the last request that reached the instance`)
  assert.equal(statSync(destination).mode & 0o7777, 0o640, 'the mode is kept')

  const good = readFileSync(destination, 'utf8')
  await api.execute([['DELETE FROM instances', []]])
  const held = await templates.until('held')
  assert.deepEqual(
    (held.shrunk as { from: number; to: number }[]).map(({ from, to }) => [from, to]),
    [[2, 0]],
  )
  assert.equal(readFileSync(destination, 'utf8'), good)
  assert.equal(await askProxy(port), 'b')

  for (const broken of ['<%= nope %>', '<% for (;;) {} %>']) {
    const from = templates.lines.length
    writeFileSync(source, `\n${broken}\n${nginxTemplate(stage)}`)
    const { failure } = await templates.until('failed', from)
    assert.deepEqual((failure as { file: string; line: number }).line, 2)
    assert.equal(readFileSync(destination, 'utf8'), good)
  }
  assert.equal(await askProxy(port), 'b')
  templates.signal('SIGTERM')
  assert.equal(await templates.ended(), 0)
})

test('haproxy, from a configuration on another device, with an agent that goes away and comes back', {
  skip: whySkipped('haproxy') || (!existsSync('/dev/shm') && 'no /dev/shm on this machine'),
}, async (t) => {
  const program = findProxy('haproxy') as string
  const stage = await setStage(t, '/dev/shm')
  const { cluster, api, apiPort, folder, port } = stage
  assert.notEqual(statSync(folder).dev, statSync(tmpdir()).dev, 'another device than that of temporary files')
  const [source, destination] = [join(folder, 'haproxy.cfg.eta'), join(folder, 'haproxy.cfg')]
  writeFileSync(source, haproxyTemplate(stage))
  writeFileSync(destination, '')
  chmodSync(destination, 0o604)
  assert.equal(await new TemplateProcess(t, apiPort, [`${source}:${destination}`, '--once']).ended(), 0)
  const { pid } = startProxy(t, join(folder, 'log'), [program, '-W', '-f', destination])
  await untilBothAnswer(port)

  const templates = new TemplateProcess(t, apiPort, [`${source}:${destination}:kill -USR2 ${pid}`])
  await templates.until('unchanged')
  await api.execute([["UPDATE instances SET state = 'down' WHERE id = 'b'", []]])
  const ms = await untilOnly('a', port)
  t.diagnostic(`haproxy: ${Math.round(ms)} ms from the commit to the last request that reached the instance`)
  assert.equal(statSync(destination).mode & 0o7777, 0o604, 'the mode is kept')

  const good = readFileSync(destination, 'utf8')
  cluster.process('ams').killGroup()
  await cluster.process('ams').groupGone()
  cluster.spawn('ams')
  await cluster.healthy('ams')
  assert.equal(readFileSync(destination, 'utf8'), good)
  await api.execute([["UPDATE instances SET state = 'up' WHERE id = 'b'", []]])
  await untilBothAnswer(port)
})

test('a host dies: its instances leave the file, with no write and without the guard', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-hosts-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const cluster = await startCluster(t, { names: ['ams', 'nrt'] })
  const { api, apiPort } = cluster.node('ams')
  for (const name of ['ams', 'nrt'])
    await api.execute([
      ['INSERT INTO machines (id, app, region, node) VALUES (?, ?, ?, ?)', [name, 'web', name, name]],
    ])
  const [source, destination] = [join(folder, 'hosts.eta'), join(folder, 'hosts')]
  const sql =
    "SELECT m.id FROM machines m JOIN patina_members n ON n.name = m.node WHERE n.state = 'alive' ORDER BY m.id"
  writeFileSync(source, `<% for (const { id } of sql("${sql}")) { %>\n<%= id %>\n<% } %>\n`)
  const templates = new TemplateProcess(t, apiPort, [`${source}:${destination}`])
  await templates.until('written')
  assert.equal(readFileSync(destination, 'utf8'), 'ams\nnrt\n')
  const began = performance.now()
  cluster.process('nrt').killGroup()
  await waitUntil({ what: 'the file has one host', deadlineMs: STEP_MS }, async () =>
    readFileSync(destination, 'utf8') === 'ams\n' ? true : undefined,
  )
  t.diagnostic(`host killed: ${Math.round(performance.now() - began)} ms until the file is without it`)
  cluster.spawn('nrt')
  await waitUntil({ what: 'the file has both hosts', deadlineMs: STEP_MS }, async () =>
    readFileSync(destination, 'utf8') === 'ams\nnrt\n' ? true : undefined,
  )
})
