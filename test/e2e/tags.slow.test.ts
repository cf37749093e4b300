/**
 * Tags with a lease, as a program that holds a role uses them: seen by all, gone when the program or the agent is; and those
 * that are too long for gossip, which the member is asked for. Real processes.
 */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type RunningNode, startCluster, untilMembers, waitUntil } from '@patina/test-cluster'

const LEASE_MS = 2_000
const STEP_MS = 30_000
const AGENT_MAIN = fileURLToPath(new URL('../../apps/agent/src/main.ts', import.meta.url))

/** Renews its tag five times a lease, until it dies. */
const HOLDER = `
const [url, value] = process.argv.slice(1)
const body = JSON.stringify({ value, lease_ms: ${LEASE_MS} })
const renew = async () => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'PUT', headers, body })
  if (!answer.ok) throw new Error(await answer.text())
}
await renew()
console.log('held')
setInterval(() => renew().catch(() => process.exit()), ${LEASE_MS / 5})
`

type Tags = { readonly [key: string]: string }

interface TaggedMember {
  readonly actor: string
  readonly name: string
  readonly tags: Tags
  readonly long_tags_bytes: number
}

async function get<T>({ apiPort }: RunningNode, path: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${apiPort}${path}`, { signal: AbortSignal.timeout(STEP_MS) })
  assert.equal(response.status, 200, `${path}: ${response.status}`)
  return (await response.json()) as T
}

async function memberOf(node: RunningNode, name: string): Promise<TaggedMember> {
  const { members } = await get<{ readonly members: readonly TaggedMember[] }>(node, '/v1/members')
  return members.find((member) => member.name === name) ?? assert.fail(`${node.name} knows no ${name}`)
}

async function untilRole(
  nodes: readonly RunningNode[],
  name: string,
  role: string | undefined,
): Promise<void> {
  for (const node of nodes)
    await waitUntil({ what: `${node.name} sees role ${role} of ${name}`, deadlineMs: STEP_MS }, async () =>
      (await memberOf(node, name)).tags.role === role ? true : undefined,
    )
}

async function hold(t: TestContext, { apiPort }: RunningNode, value: string): Promise<{ kill(): void }> {
  const url = `http://127.0.0.1:${apiPort}/v1/tags/role`
  const program = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, url, value], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const end = (): void => void program.kill('SIGKILL')
  t.after(end)
  await new Promise((resolve) => program.stdout.once('data', resolve))
  return { kill: end }
}

function put({ apiPort }: RunningNode, key: string, value: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${apiPort}/v1/tags/${key}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value }),
    signal: AbortSignal.timeout(STEP_MS),
  })
}

test('a role lasts as long as its program renews it, and not longer than its agent', async (t) => {
  const cluster = await startCluster(t)
  const [ams] = cluster.nodes() as [RunningNode]
  const first = await hold(t, ams, 'aggregator')
  await untilRole(cluster.nodes(), 'ams', 'aggregator')
  // Over two leases: it is renewed, and nobody hears a word of that.
  const { incarnation } = (await memberOf(ams, 'ams')) as unknown as { readonly incarnation: number }
  const until = performance.now() + 2 * LEASE_MS
  while (performance.now() < until) {
    const member = (await memberOf(ams, 'ams')) as TaggedMember & { readonly incarnation: number }
    assert.deepEqual([member.tags.role, member.incarnation], ['aggregator', incarnation])
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  first.kill()
  const killedAt = performance.now()
  await untilRole(cluster.nodes(), 'ams', undefined)
  t.diagnostic(
    `gone everywhere ${Math.round(performance.now() - killedAt)} ms after its program, lease ${LEASE_MS}`,
  )
  const sql = await ams.api.query("SELECT tags FROM patina_members WHERE name = 'ams'")
  assert.deepEqual(sql, [['{}']])

  const second = await hold(t, ams, 'again')
  await untilRole(cluster.nodes(), 'ams', 'again')
  second.kill()
  await cluster.process('ams').stop()
  cluster.spawn('ams')
  await cluster.healthy('ams')
  for (const node of cluster.nodes()) await untilMembers(node, 3)
  assert.deepEqual(await get(ams, '/v1/tags'), { tags: [] })
  await untilRole(cluster.nodes(), 'ams', undefined)
  await hold(t, ams, 'third')
  await untilRole(cluster.nodes(), 'ams', 'third')
})

test('64 KiB of tags: gossip says that they are there, who asks gets them, also by the command line', async (t) => {
  const cluster = await startCluster(t)
  const [ams, nrt] = cluster.nodes() as [RunningNode, RunningNode]
  const routes = JSON.stringify(
    Array.from({ length: 3_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}/32`),
  ).slice(0, 60_000)
  assert.equal((await put(ams, 'rack', 'a1')).status, 200)
  assert.equal((await put(ams, 'routes', routes)).status, 200)
  const tooMuch = await put(ams, 'more', 'x'.repeat(20_000))
  assert.deepEqual(
    [tooMuch.status, ((await tooMuch.json()) as { readonly code: string }).code],
    [422, 'invalid-tag'],
  )
  const seen = await Promise.all(
    cluster.nodes().map((node) =>
      waitUntil({ what: `${node.name} hears of it`, deadlineMs: STEP_MS }, async () => {
        const member = await memberOf(node, 'ams')
        return member.long_tags_bytes > 0 ? member : undefined
      }),
    ),
  )
  for (const { tags } of seen) assert.deepEqual(tags, { rack: 'a1' })
  const { actor } = seen[0] as TaggedMember
  const path = `/v1/members/${actor}/tags`
  const startedAt = performance.now()
  for (const node of cluster.nodes()) {
    const { tags } = await get<{ readonly tags: Tags }>(node, path)
    assert.ok(tags.rack === 'a1' && tags.routes === routes, `${node.name} has ${Object.keys(tags)}`)
  }
  t.diagnostic(`asked for by three agents: ${Math.round(performance.now() - startedAt)} ms`)
  const args = ['cluster', 'tags', 'ams', '--json', '--api-addr', `127.0.0.1:${nrt.apiPort}`]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@patina/source', AGENT_MAIN, ...args],
    { timeout: STEP_MS },
  )
  assert.equal((JSON.parse(stdout) as Tags).routes, routes)
  // What nrt has asked for it keeps, though ams answers nobody any more.
  cluster.process('ams').pause()
  assert.equal((await get<{ readonly tags: Tags }>(nrt, path)).tags.routes, routes)
})
