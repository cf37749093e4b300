/**
 * `node --conditions=@patina/source test/tiers/src/measure.ts [instances] [changes per second] [seconds]`: what the tiers hold and
 * move with the reference fleet's apps in one region: bytes on disk of an instance and of an entry, memory of the aggregator, the
 * time from a change in the region to its row in another region's global agent, and processor time and memory of the regional agent.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type AgentApi, type Statement, waitUntil } from '@patina/test-cluster'
import { type Change, Fleet, type Machine } from '@patina/test-data'
import { ROLLUP, ROLLUP_QUERY, Tiers } from './tiers.ts'

const [instances = 20_000, rate = 100, seconds = 20] = process.argv.slice(2).map(Number)
const REGISTER =
  'INSERT OR REPLACE INTO machines (id, app, region, node, addr, port, state, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
const BATCH_ROWS = 2_000
const DEADLINE_MS = 600_000
const MARKER = 'marker'
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4_096

const aMachine: Machine = {
  id: MARKER,
  app: MARKER,
  region: 'syd',
  node: 'syd-1',
  addr: '::1',
  port: 1,
  state: 'failed',
  updated: 0,
}

const tiers = new Tiers({
  regions: [
    { name: 'syd', agents: 2, aggregators: 1 },
    { name: 'nrt', agents: 1, aggregators: 1 },
  ],
  fullCompareSecs: 3_600,
})
try {
  await measure()
} finally {
  await tiers.remove()
}

async function measure(): Promise<void> {
  await tiers.start()
  await tiers.untilWriter('syd')
  const syd = tiers.host('syd-1').api
  const far = tiers.global.node('nrt-1').api
  const fleet = new Fleet({ seed: 1, instances })
  const empty = { regional: await fileBytes(syd), global: await fileBytes(far) }
  const began = performance.now()
  const batch: Statement[] = []
  for (const machine of fleet.rows()) {
    batch.push([REGISTER, rowOf(machine)])
    if (batch.length === BATCH_ROWS) await syd.execute(batch.splice(0))
  }
  await syd.execute([...batch, [REGISTER, rowOf({ ...aMachine, state: 'started' })]])
  tell('instances written', `${instances} in ${secondsSince(began)}`)
  const entries = Number((await syd.query(`SELECT count(*) FROM (${ROLLUP_QUERY})`))[0]?.[0])
  await waitUntil({ what: 'all is published', deadlineMs: DEADLINE_MS, pollMs: 100 }, async () => {
    const [[count] = []] = await far.query(`SELECT count(*) FROM ${ROLLUP}`)
    return count === entries ? true : undefined
  })
  tell('entries in the other region', `${entries}, ${secondsSince(began)} after the first write`)
  tell('aggregator', `${Math.round(memoryOf(tiers.aggregator('syd-1').pid) / 1e6)} MB`)
  const near = tiers.host('syd-2').api
  const before = {
    cpu: cpuSeconds(),
    rows: await rowsWritten(),
    regional: await received(near),
    global: await received(far),
  }
  const lags = await change(fleet)
  const regional = ((await received(near)) - before.regional) / (rate * seconds + lags.length)
  tell('changes', `${rate}/s for ${seconds} s, ${regional.toFixed(0)} bytes each on the wire`)
  tell('lag of a marked change', percentiles(lags))
  tell('regional agent', `${((100 * (cpuSeconds() - before.cpu)) / seconds).toFixed(0)} % of a core`)
  tell('… its four processes', `${(agentBytes() / 1e6).toFixed(0)} MB`)
  const rows = (await rowsWritten()) - before.rows
  const wire = ((await received(far)) - before.global) / rows
  tell('rows written for them', `${rows}, ${wire.toFixed(0)} bytes each on the wire`)
  await sizes(entries, empty)
}

/** Changes at the rate, and one of the marker each second; the time until the other region has it, in ms. */
async function change(fleet: Fleet): Promise<number[]> {
  const syd = tiers.host('syd-1').api
  const far = tiers.global.node('nrt-1').api
  const changes = fleet.changes()
  const lags: number[] = []
  const until = performance.now() + 1_000 * seconds
  const load = (async () => {
    const start = performance.now()
    for (let done = 0; performance.now() < until; ) {
      const due = Math.floor(((performance.now() - start) / 1_000) * rate)
      for (; done < due; done += 1) await syd.execute([statementOf(changes.next().value as Change)])
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  for (let healthy = 0; performance.now() < until; healthy = 1 - healthy) {
    const at = performance.now()
    await syd.execute([
      ['UPDATE machines SET state = ? WHERE id = ?', [healthy ? 'started' : 'failed', MARKER]],
    ])
    await waitUntil({ what: 'the marker is seen', deadlineMs: DEADLINE_MS, pollMs: 2 }, async () => {
      const [[seen] = []] = await far.query(`SELECT healthy FROM ${ROLLUP} WHERE app = ?`, [MARKER])
      return seen === healthy ? true : undefined
    })
    lags.push(performance.now() - at)
    await new Promise((resolve) => setTimeout(resolve, 200 + (lags.length % 7) * 30))
  }
  await load
  return lags
}

function statementOf(change: Change): Statement {
  if (change.kind === 'new') return [REGISTER, rowOf(change.machine)]
  if (change.kind === 'gone') return ['DELETE FROM machines WHERE id = ?', [change.id]]
  return [
    'UPDATE machines SET state = ?, updated = ? WHERE id = ?',
    [change.state, change.updated, change.id],
  ]
}

/** Bytes of the files when the agents have ended in order, beyond those of empty ones. */
async function sizes(
  entries: number,
  empty: { readonly regional: number; readonly global: number },
): Promise<void> {
  await tiers.region('syd').process('syd-1').stop()
  await tiers.global.process('nrt-1').stop()
  const regional = statSync(join(tiers.region('syd').folder, 'syd-1', 'patina.db')).size - empty.regional
  const global = statSync(join(tiers.global.folder, 'nrt-1', 'patina.db')).size - empty.global
  tell(
    'regional file',
    `${(regional / 1e6).toFixed(1)} MB, ${(regional / instances).toFixed(0)} bytes an instance`,
  )
  tell('global file', `${(global / 1e6).toFixed(1)} MB, ${(global / entries).toFixed(0)} bytes an entry`)
}

function rowOf({ id, app, addr, port, state, updated }: Machine): (string | number)[] {
  return [id, app, 'syd', 'syd-1', addr, port, state, updated]
}

function fileBytes(api: AgentApi): Promise<number> {
  return api.metric('patina_database_bytes')
}

async function rowsWritten(): Promise<number> {
  const sample = `patina_aggregator_rows_written_total{rollup="${ROLLUP}",change="written"}`
  return await tiers.aggregator('syd-1').metric(sample)
}

/** Changesets that came from peers while they were fresh. */
async function received(api: AgentApi): Promise<number> {
  return await api.metric('patina_stream_bytes_total{lane="fresh",direction="in"}')
}

/** Of the regional agent with its children. */
function cpuSeconds(): number {
  return tiers
    .region('syd')
    .process('syd-1')
    .pids()
    .map((pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
    })
    .reduce((sum, one) => sum + one, 0)
}

/** Of the regional agent with its children; pages that processes share are divided among them (PSS). */
function agentBytes(): number {
  return tiers
    .region('syd')
    .process('syd-1')
    .pids()
    .map((pid) =>
      Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0),
    )
    .reduce((sum, kilobytes) => sum + 1_024 * kilobytes, 0)
}

function memoryOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES
}

function percentiles(samples: readonly number[]): string {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    `${Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0)} ms`
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, n = ${sorted.length}`
}

function secondsSince(at: number): string {
  return `${((performance.now() - at) / 1_000).toFixed(1)} s`
}

function tell(what: string, value: string): void {
  console.log(`${what.padEnd(32)}${value}`)
}
