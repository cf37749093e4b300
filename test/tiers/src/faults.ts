/**
 * `node --conditions=@patina/source test/tiers/src/faults.ts [seconds] [seed]`: a random history of two regions with random faults:
 * aggregators killed or stopped, agents of both tiers killed, some begun anew with an empty database, the global cluster cut in pieces or one way, the
 * global table edited by hand, while instances come, change and go. At the end everybody runs, and the global table must say what the roll-up
 * query says in each region. A failure prints the seed; the same seed draws the same faults, though not at the same moments.
 */
import { Prng } from '@patina/base'
import type { Cluster } from '@patina/test-cluster'
import type { AggregatorProcess } from './aggregator-process.ts'
import { Tiers } from './tiers.ts'

const [seconds = 60, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number)
const REGIONS = ['syd', 'nrt'] as const
const APPS = 30
const INSTANCES = 200
/** Between two faults. */
const FAULT_MS = 2_500
const CHANGE_MS = 40
const REGISTER =
  'INSERT OR REPLACE INTO machines (id, app, region, node, addr, port, state) VALUES (?, ?, ?, ?, ?, ?, ?)'

const prng = new Prng(seed)
const tiers = new Tiers({
  regions: REGIONS.map((name) => ({ name, agents: 2, aggregators: 2 })),
  holdSecs: 0,
  links: 'proxied',
})
/** What must be undone before the end. */
const repairs = new Map<string, () => void | Promise<void>>()

try {
  await run()
  console.log(`seed ${seed}: both regions are right after ${seconds} s of faults`)
} catch (cause) {
  console.error(`seed ${seed}: ${(cause as Error).message}\n${tiers.logTails()}`)
  process.exitCode = 1
} finally {
  await tiers.remove()
}

async function run(): Promise<void> {
  await tiers.start()
  await Promise.all(REGIONS.map((region) => tiers.untilWriter(region)))
  const until = performance.now() + 1_000 * seconds
  let isOver = false
  const changes = Promise.all(REGIONS.map((region) => changeRegion(region, () => isOver)))
  while (performance.now() < until) {
    await fault()
    await pause(FAULT_MS)
  }
  isOver = true
  await changes
  for (const repair of repairs.values()) await repair()
  for (const region of REGIONS) await tiers.untilTrue(region)
}

/** By the first agent of the region, which is never killed. */
async function changeRegion(region: string, isOver: () => boolean): Promise<void> {
  const { api } = tiers.host(`${region}-1`)
  const own = new Prng(seed + region.length)
  for (; !isOver(); await pause(CHANGE_MS)) {
    const id = `${region}-${own.below(INSTANCES)}`
    if (own.chance(1, 4)) await api.execute([['DELETE FROM machines WHERE id = ?', [id]]])
    else {
      const state = own.chance(2, 3) ? 'started' : 'stopped'
      const host = `${region}-${own.between(1, 2)}`
      await api.execute([[REGISTER, [id, `app${own.below(APPS)}`, region, host, '10.0.0.1', 80, state]]])
    }
  }
}

/** One that stands ends before another of its kind begins. */
async function fault(): Promise<void> {
  const region = REGIONS[prng.below(REGIONS.length)] as string
  const kind = prng.below(8)
  const aggregator = tiers.aggregators(region)[prng.below(2)] as AggregatorProcess
  if (kind === 0)
    await trouble(
      aggregator.name,
      'killed',
      () => aggregator.kill(),
      () => aggregator.start(),
    )
  else if (kind === 1)
    await trouble(
      aggregator.name,
      'stopped',
      () => aggregator.pause(),
      () => aggregator.resume(),
    )
  else if (kind === 2) await killAgent(tiers.region(region), `${region}-2`)
  else if (kind === 3) await killAgent(tiers.global, `${region}-2`)
  else if (kind === 4) await editByHand(region)
  else if (kind === 5) await killAgent(tiers.region(region), `${region}-2`, 'begins anew')
  else
    await trouble(
      'the global cluster',
      kind === 6 ? 'in pieces' : `cut on the way to ${region}-1`,
      () => (kind === 6 ? tiers.global.cutLinks() : tiers.global.cutLinksTo(`${region}-1`)),
      () => tiers.global.healLinks(),
    )
}

async function killAgent(
  cluster: Cluster,
  name: string,
  how: 'killed' | 'begins anew' = 'killed',
): Promise<void> {
  const where = cluster === tiers.global ? 'global agent' : 'agent'
  await trouble(
    `${where} ${name}`,
    how,
    () => cluster.process(name).killGroup(),
    async () => {
      await cluster.process(name).groupGone()
      if (how === 'begins anew') cluster.removeDatabase(name)
      cluster.spawn(name)
      await cluster.healthy(name)
    },
  )
}

async function trouble(
  who: string,
  what: string,
  begin: () => void | Promise<void>,
  end: () => void | Promise<void>,
): Promise<void> {
  const repair = repairs.get(who)
  repairs.delete(who)
  if (repair !== undefined) {
    console.log(`${who} is back`)
    return await repair()
  }
  console.log(`${who} is ${what}`)
  await begin()
  repairs.set(who, end)
}

async function editByHand(region: string): Promise<void> {
  console.log(`the rows of ${region} are edited`)
  await tiers.global.node('syd-1').api.execute([
    ['UPDATE app_regions SET healthy = healthy + 1 WHERE region = ?', [region]],
    ['DELETE FROM app_regions WHERE region = ? AND app = ?', [region, `app${prng.below(APPS)}`]],
    ["INSERT OR REPLACE INTO app_regions (app, region, instances) VALUES ('ghost', ?, 1)", [region]],
  ])
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
