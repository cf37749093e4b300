/**
 * A host that dies with most of its region, under the guard: the roll-up shrinks at once, because the region's members say why.
 * A deletion of as much is held, and so is what an agent counts that is cut off from its region.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Statement, waitUntil } from '@patina/test-cluster'
import { EntryWatch, ROLLUP, Tiers } from './src/index.ts'

const DEADLINE_MS = 30_000
/** Far below the 300 s of the guard's patience. */
const SOON_MS = 10_000
const STAND_MS = 3_000
const APPS = 10
/** Of 60 instances the third host has 45. */
const INSTANCES = { 'syd-1': 1, 'syd-2': 5, 'syd-3': 45, 'syd-4': 9 } as const
const EXPLAINED = `patina_aggregator_explained_total{rollup="${ROLLUP}"}`

const tiers = new Tiers({
  regions: [
    { name: 'syd', agents: 4, aggregators: 2, globalAgents: 2 },
    { name: 'nrt', agents: 2, aggregators: 2 },
  ],
  links: 'proxied',
})
const region = tiers.region('syd')

before(async () => {
  await tiers.start()
  await tiers.untilWriter('syd')
  await tiers.host('syd-1').api.execute(Object.entries(INSTANCES).flatMap(startsOn))
  await untilTrue()
})
after(() => tiers.remove())

function startsOn([node, count]: readonly [node: string, count: number]): Statement[] {
  const sql = `INSERT INTO machines (id, app, region, node, addr, port, state) VALUES (?, ?, ?, ?, '10.0.0.1', 80, 'started')`
  const ids = Array.from({ length: count }, (_, n) => n)
  return ids.map((n) => [sql, [`${node}-${n}`, `app${n % APPS}`, node.slice(0, 3), node]])
}

async function untilTrue(of = 'syd'): Promise<void> {
  await tiers.untilTrue(of).catch((cause: Error) => assert.fail(`${cause.message}\n${tiers.logTails()}`))
}

async function untilHealth(health: string): Promise<void> {
  for (const aggregator of tiers.aggregators('syd'))
    await tiers
      .untilStatus(aggregator, health, (status) => status.health === health)
      .catch((cause: Error) => assert.fail(`${cause.message}\n${tiers.logTails()}`))
}

/** For longer than an aggregator rests between two looks for evidence. */
async function staysHeld(): Promise<void> {
  const until = performance.now() + STAND_MS
  while (performance.now() < until) {
    for (const aggregator of tiers.aggregators('syd'))
      assert.equal((await aggregator.status())?.health, 'held')
    assert.equal(await published(), 15)
  }
}

async function published(of = 'syd'): Promise<number> {
  const sql = `SELECT coalesce(sum(instances), 0) FROM ${ROLLUP} WHERE region = ?`
  return Number((await tiers.global.node('syd-2').api.query(sql, [of]))[0]?.[0])
}

test('a host that dies with three quarters of its region leaves the counts at once', async (t) => {
  assert.equal(await published(), 60)
  const watch = await EntryWatch.open(tiers.global.node('syd-2'), 'syd')
  t.after(() => watch.close())
  const killedAt = performance.now()
  region.process('syd-3').killGroup()
  await waitUntil({ what: 'its instances are counted no more', deadlineMs: SOON_MS, pollMs: 20 }, async () =>
    (await published()) === 15 ? true : undefined,
  )
  t.diagnostic(`from SIGKILL to the global rows: ${Math.round(performance.now() - killedAt)} ms`)
  await untilTrue()
  const explained = await Promise.all(tiers.aggregators('syd').map((each) => each.metric(EXPLAINED)))
  assert.ok(Math.max(...explained) > 0, 'the members were the evidence')
  const written = watch.changes.map(({ app }) => app)
  assert.equal(new Set(written).size, APPS)
})

test('a deletion of as much is held, though a host has just gone', async () => {
  await tiers.host('syd-1').api.execute([["DELETE FROM machines WHERE node = 'syd-4'", []]])
  await untilHealth('held')
  assert.equal(await published(), 15)
  await tiers
    .host('syd-1')
    .api.execute(
      Array.from({ length: 9 }, (_, n): readonly [string, readonly string[]] => [
        "INSERT INTO machines (id, app, region, node, state) VALUES (?, ?, 'syd', 'syd-4', 'started')",
        [`syd-4-${n}`, `app${n}`],
      ]),
    )
  await untilHealth('well')
  await untilTrue()
})

test('what an agent counts that is cut off from its region is held', async () => {
  region.cutLinks()
  await untilHealth('held')
  await waitUntil({ what: 'each sees itself alone', deadlineMs: DEADLINE_MS }, async () => {
    const sql = "SELECT count(*) FROM patina_members WHERE state = 'alive'"
    const seen = await Promise.all(
      ['syd-1', 'syd-2'].map(async (name) => (await tiers.host(name).api.query(sql))[0]?.[0]),
    )
    return seen.every((count) => count === 1) ? true : undefined
  })
  await staysHeld()
  region.healLinks()
  await untilHealth('well')
  await untilTrue()
  assert.equal(await published(), 15)
})

test('in a region of two hosts the global cluster says that it is the other one that has gone', async () => {
  await tiers.host('nrt-1').api.execute([...startsOn(['nrt-1', 5]), ...startsOn(['nrt-2', 20])])
  await untilTrue('nrt')
  await tiers.aggregator('nrt-2').stop()
  for (const cluster of [tiers.region('nrt'), tiers.global]) cluster.process('nrt-2').killGroup()
  await waitUntil({ what: 'its instances are counted no more', deadlineMs: SOON_MS, pollMs: 20 }, async () =>
    (await published('nrt')) === 5 ? true : undefined,
  )
})
