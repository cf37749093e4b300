/**
 * Two tiers on links that stand still or are cut: an aggregator whose regional agent has a part of its region publishes nothing, and
 * where the global cluster falls apart one writes on each side until it is whole again. The guard lets everything through here
 * (`guard.hold_secs = 0`): what is proven are the other gates.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { MemberWatch, type Statement, untilListed, waitUntil } from '@patina/test-cluster'
import { type AggregatorProcess, type AggregatorStatus, EntryWatch, Tiers } from './src/index.ts'

const DEADLINE_MS = 30_000
/** Longer than a claim takes to be written from: a renewal and the time in which others see it. */
const CLAIM_MS = 3_500
const APPS = 20
const TOKEN = 'of-everybody'
const REGISTER =
  'INSERT OR REPLACE INTO machines (id, app, region, node, addr, port, state) VALUES (?, ?, ?, ?, ?, ?, ?)'
/** Of 1 KB each: six batches of anti-entropy, some 4.5 MB as they are packed. */
const ROWS = 6_000
const ROWS_EACH = 250
/** Through one forwarder: some batches for one agent, or one or two for each of two, and all for none. */
const HELD_BYTES = 3_200_000
/** Writes of an entry: gone, and back and gone again where a word of the host from before its death comes late. */
const WRITES_OF_AN_ENTRY_MAX = 3

const tiers = new Tiers({
  regions: [{ name: 'syd', agents: 3, aggregators: 3, globalAgents: 2 }],
  holdSecs: 0,
  links: 'proxied',
  token: TOKEN,
})
const region = tiers.region('syd')
const [one, other, third] = ['syd-1', 'syd-2', 'syd-3'] as const

before(async () => {
  await tiers.start()
  await tiers.untilWriter('syd')
  await register('started')
  await untilTrue()
})
after(() => tiers.remove())

function started(id: string, app: string, node: string): Statement {
  return [REGISTER, [id, app, 'syd', node, '', 80, 'started']]
}

/** Writes all rows anew, every second one in this state, with texts that no stream can compress. */
async function register(state: string): Promise<void> {
  for (let first = 0; first < ROWS; first += ROWS_EACH) {
    const rows = Array.from({ length: ROWS_EACH }, (_, n) => first + n)
    await tiers.host(one).api.execute(
      rows.map((n): Statement => {
        const addr = randomBytes(750).toString('base64')
        const stateOf = Math.floor(n / APPS) % 2 === 0 ? state : 'started'
        return [REGISTER, [`m${n}`, `app${n % APPS}`, 'syd', one, addr, 80, stateOf]]
      }),
    )
  }
}

async function untilTrue(): Promise<void> {
  await tiers.untilTrue('syd').catch((cause: Error) => assert.fail(`${cause.message}\n${tiers.logTails()}`))
}

async function untilWrites(name: string): Promise<void> {
  await tiers
    .untilStatus(tiers.aggregator(name), 'writes', ({ role }) => role === 'writes')
    .catch((cause: Error) => assert.fail(`${cause.message}\n${tiers.logTails()}`))
}

async function end(name: string): Promise<void> {
  const process = region.process(name)
  process.killGroup()
  await process.groupGone()
}

async function countRows(name: string): Promise<number> {
  return Number(await tiers.host(name).api.query('SELECT count(*) FROM machines'))
}

/** Transactions that an aggregator has sent. */
async function writtenBy(aggregator: AggregatorProcess | undefined): Promise<number> {
  assert.ok(aggregator)
  return await aggregator.metric('patina_aggregator_write_seconds_count')
}

/** I-LEASE-1, as one status tells it: who writes sees nobody of its region who claims and has a higher rank. */
function notBesideAHigherClaim(status: AggregatorStatus | undefined, address: string | undefined): void {
  if (status?.role !== 'writes') return
  const rank = (id: string): string => createHash('sha256').update(`syd ${id}`).digest('hex')
  const claims = status.aggregators.filter((each) => each.region === 'syd' && each.claims)
  const own = claims.find((each) => each.address === address)
  assert.ok(own, 'who writes claims')
  for (const { id } of claims) assert.ok(rank(id) <= rank(own.id), `${id} claims beside ${own.id}`)
}

/** For the whole time in which an aggregator that thinks it may would claim and begin to write. */
async function stayOut(names: readonly string[]): Promise<void> {
  const until = performance.now() + CLAIM_MS
  await waitUntil({ what: 'they stay out', deadlineMs: 2 * CLAIM_MS, pollMs: 50 }, async () => {
    for (const name of names) {
      assert.equal(await tiers.host(name).api.isReady(), false, `${name} is ready`)
      assert.notEqual((await tiers.aggregator(name).status())?.role, 'writes', `${name} writes`)
    }
    return performance.now() > until ? true : undefined
  })
}

function saidNothing({ changes, broken }: EntryWatch): void {
  const told = changes.map(({ change, app, instances }) => `${change} ${app} ${instances}`)
  assert.deepEqual([told, broken], [[], undefined], tiers.logTails())
}

/** The number that each agent's next version gets: by writing it. */
async function versionsOf(names: readonly string[]): Promise<number[]> {
  const versions: number[] = []
  for (const name of names) {
    const version = await tiers
      .host(name)
      .api.execute([
        [
          REGISTER,
          [`mark-${name}`, 'app19', 'syd', one, '', versions.length, randomBytes(8).toString('hex')],
        ],
      ])
    assert.ok(version !== null)
    versions.push(version)
  }
  return versions
}

test('an agent that begins anew and one that comes back, each with half of its region: nothing is published while none has all', async () => {
  await Promise.all([other, third].map(end))
  region.removeDatabase(other)
  await register('stopped')
  await untilTrue()
  await tiers.aggregator(one).stop()
  const watch = await EntryWatch.open(tiers.global.node(other), 'syd')
  region.holdConnectionsAfter(HELD_BYTES)
  for (const name of [other, third]) region.spawn(name)
  await Promise.all([other, third].map((name) => region.healthy(name)))
  await waitUntil({ what: 'a part is there', deadlineMs: DEADLINE_MS }, async () =>
    (await countRows(other)) > 0 ? true : undefined,
  )
  await stayOut([other, third])
  assert.ok((await countRows(other)) < ROWS)
  saidNothing(watch)
  region.healLinks()
  await tiers.untilWriter('syd')
  await untilTrue()
  // What was published before is what is true: who begins to write has nothing to change.
  saidNothing(watch)
  watch.close()
  await tiers.aggregator(third).stop()
  tiers.aggregator(one).start()
})

test('two that write on the sides of a split: whole again, one stops at once, and what it wrote is put right', async (t) => {
  const both = [one, other].map((name) => tiers.aggregator(name))
  await waitUntil({ what: 'both are fit', deadlineMs: DEADLINE_MS, pollMs: 50 }, async () => {
    const roles = (await Promise.all(both.map((each) => each.status()))).map((status) => status?.role)
    return roles.toSorted().join() === 'waits,writes' ? true : undefined
  })
  tiers.global.cutLinks()
  region.cutLinks()
  await Promise.all([one, other].map(untilWrites))
  // Each side sees its own hosts alone: one deletes what the other changes.
  await tiers
    .host(one)
    .api.execute([
      ["UPDATE machines SET state = 'started' WHERE app = 'app0'", []],
      ["DELETE FROM machines WHERE app = 'app4'", []],
      started('split', 'split', one),
    ])
  await Promise.all([one, other].map((name) => tiers.untilTrue('syd', [tiers.global.node(name)], name)))
  assert.equal(Number(await tiers.global.node(other).api.query('SELECT count(*) FROM app_regions')), 0)
  const healedAt = performance.now()
  region.healLinks()
  tiers.global.healLinks()
  const loser = await waitUntil({ what: 'one writes', deadlineMs: DEADLINE_MS, pollMs: 20 }, async () => {
    const statuses = await Promise.all(both.map((each) => each.status()))
    for (const [at, status] of statuses.entries()) notBesideAHigherClaim(status, both[at]?.address)
    const roles = statuses.map((status) => status?.role)
    return roles.toSorted().join() === 'waits,writes' ? both[roles.indexOf('waits')] : undefined
  })
  t.diagnostic(
    `one of two writers stopped ${Math.round(performance.now() - healedAt)} ms after the split ended`,
  )
  const before = await writtenBy(loser)
  await untilTrue()
  await tiers.host(other).api.execute([started('late', 'late', one)])
  await untilTrue()
  assert.equal(await writtenBy(loser), before)
})

test('a token that is replaced in its file is used without a restart, and taken from others', async () => {
  const writer = await tiers.untilWriter('syd')
  const asks = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` }
    return (await fetch(`${writer.address}/v1/status`, { headers })).status
  }
  const refused = 'patina_aggregator_failures_total{of="tag"}'
  const before = await writer.metric(refused)
  tiers.writeToken(`unknown-to-agents\n${TOKEN}\n`)
  await waitUntil({ what: 'agents refuse it', deadlineMs: DEADLINE_MS }, async () =>
    (await writer.metric(refused)) > before ? true : undefined,
  )
  assert.deepEqual([await asks('unknown-to-agents'), await asks(TOKEN)], [200, 200])
  tiers.writeToken(TOKEN)
  await waitUntil({ what: 'the other one is taken no more', deadlineMs: DEADLINE_MS }, async () =>
    (await asks('unknown-to-agents')) === 401 ? true : undefined,
  )
  await tiers.host(one).api.execute([started('rotated', 'rotated', one)])
  await untilTrue()
})

test('D7: a host that dies with 5,000 instances leaves the counts by one event, and no row of it is written', async (t) => {
  const rows = Array.from({ length: 5_000 }, (_, n) => started(`lost${n}`, `app${5 + (n % 10)}`, third))
  await tiers.host(one).api.execute(rows)
  await untilTrue()
  const members = new MemberWatch()
  const watch = await EntryWatch.open(tiers.global.node(other), 'syd')
  t.after(() => {
    members.close()
    watch.close()
  })
  for (const name of [one, other]) await members.open(tiers.host(name))
  const before = await versionsOf([one, other])
  await untilTrue()
  watch.changes.length = 0
  const killedAt = performance.now()
  region.process(third).killGroup()
  await waitUntil({ what: 'ten entries lost its instances', deadlineMs: DEADLINE_MS }, async () =>
    watch.changes.length >= 10 ? true : undefined,
  )
  const seenMs = (watch.changes.at(-1)?.atMs ?? 0) - killedAt
  await Promise.all([one, other].map((name) => untilListed(tiers.host(name), third, 'down')))
  await untilTrue()
  t.diagnostic(`from SIGKILL to the other region's rows: ${Math.round(seenMs)} ms`)
  assert.deepEqual(
    await versionsOf([one, other]),
    before.map((version) => version + 1),
  )
  const entries = new Map(watch.changes.map(({ app, change, instances }) => [app, `${change} ${instances}`]))
  const apps = Array.from({ length: 10 }, (_, n) => `app${5 + n}`)
  assert.deepEqual(Object.fromEntries(entries), Object.fromEntries(apps.map((app) => [app, 'update 300'])))
  assert.ok(watch.changes.length <= WRITES_OF_AN_ENTRY_MAX * apps.length, `${watch.changes.length} writes`)
  for (const observer of [one, other]) {
    const told = members.events.filter((event) => event.observer === observer && event.atMs >= killedAt)
    const states = told.filter(({ name }) => name === third).map(({ state }) => state)
    assert.equal(states.at(-1), 'down')
    assert.equal(states.filter((state) => state === 'down').length, 1, states.join())
  }
})
