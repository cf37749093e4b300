/**
 * Two regions and their global cluster as real processes: what the global table says of a region is what its roll-up query
 * says, through faults of aggregators, agents and streams, and of whoever edits the table.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { nodeFetch } from '@patina/program'
import { StepFailure, waitUntil } from '@patina/test-cluster'
import { PROGRAM, ROLLUP, Tiers } from './src/index.ts'

const DEADLINE_MS = 30_000
const tiers = new Tiers({
  regions: [
    { name: 'syd', agents: 2, aggregators: 2 },
    { name: 'nrt', agents: 1, aggregators: 1 },
  ],
  tls: true,
})

before(async () => {
  await tiers.start()
  await Promise.all(['syd', 'nrt'].map((region) => tiers.untilWriter(region)))
})
after(() => tiers.remove())

async function start(region: string, id: string, app: string, state = 'started'): Promise<void> {
  const host = tiers.host(`${region}-1`)
  const sql =
    'INSERT OR REPLACE INTO machines (id, app, region, node, addr, port, state) VALUES (?, ?, ?, ?, ?, ?, ?)'
  await host.api.execute([[sql, [id, app, region, `${region}-1`, '10.0.0.1', 80, state]]])
}

/** Of the certificate that is shown there. */
async function serialAt(address: string, ca: string): Promise<string> {
  const { hostname: host, port } = new URL(address)
  const socket = connect({ host, port: Number(port), ca })
  try {
    await once(socket, 'secureConnect')
    return socket.getPeerCertificate().serialNumber
  } finally {
    socket.destroy()
  }
}

async function untilTrue(region: string): Promise<void> {
  await tiers.untilTrue(region).catch((cause: Error) => assert.fail(`${cause.message}\n${tiers.logTails()}`))
}

test('an app of one region is seen from the other, and its instances are had from there', async () => {
  for (let n = 0; n < 12; n += 1) await start('syd', `syd-${n}`, n < 3 ? 'web' : `app${n}`)
  await start('nrt', 'nrt-1', 'web')
  await Promise.all(['syd', 'nrt'].map(untilTrue))
  const nrt = tiers.aggregator('nrt-1')
  const regions = await nrt.route('web', 'nrt')
  assert.deepEqual(
    regions.map(({ region, healthy }) => [region, healthy]),
    [
      ['nrt', 1],
      ['syd', 3],
    ],
  )
  const ids = (await nrt.instances('web', 'syd')).map(({ id }) => id)
  assert.deepEqual(ids.toSorted(), ['syd-0', 'syd-1', 'syd-2'])
})

test('a renewed certificate is shown without a restart, and who does not know the CA does not believe it', async () => {
  const syd = tiers.aggregator('syd-1')
  const shown = (): Promise<string> => serialAt(syd.address, tiers.caPem)
  const before = await shown()
  await tiers.global.renewCertificate('syd-1')
  await waitUntil({ what: 'the new certificate', deadlineMs: DEADLINE_MS, pollMs: 100 }, async () =>
    (await shown()) === before ? undefined : true,
  )
  assert.ok((await syd.metric('patina_aggregator_certificate_expiry_seconds{of="own"}')) > Date.now() / 1_000)
  assert.equal((await tiers.aggregator('nrt-1').instances('web', 'syd')).length, 3)
  await assert.rejects(nodeFetch(`${syd.address}/healthz`), /certificate/)
})

test('check: all fits; a certificate that is not for the advertised host would be believed by nobody', async () => {
  const { configFile } = tiers.aggregator('syd-1')
  const args = ['--conditions=@patina/source', PROGRAM, 'check', '--config', configFile]
  const check = (environment: Readonly<Record<string, string>>): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, args, { env: { ...process.env, ...environment } })
  assert.match((await check({})).stdout, /roll-up app_regions: app, instances, healthy/)
  await assert.rejects(
    check({ PATINA_AGGREGATOR__ADVERTISE: 'https://10.0.0.9:9280' }),
    /tls.cert_file is not for 10.0.0.9, the host of advertise/,
  )
})

test('an instance that dies is pushed to the other region', async () => {
  const gone = new AbortController()
  const nrt = tiers.aggregator('nrt-1')
  let isStopped = false
  for await (const instances of nrt.watchInstances('web', 'syd', gone.signal)) {
    if (instances.length === 2) break
    if (!isStopped) await start('syd', 'syd-0', 'web', 'failed')
    isStopped = true
  }
  gone.abort()
  await untilTrue('syd')
})

test('a change of one instance is one row, and an update that changes no count is none', async () => {
  const writer = await tiers.untilWriter('syd')
  const sample = `patina_aggregator_rows_written_total{rollup="${ROLLUP}",change="written"}`
  const before = await writer.metric(sample)
  await start('syd', 'syd-0', 'web')
  await untilTrue('syd')
  assert.equal((await writer.metric(sample)) - before, 1)
  await tiers.host('syd-1').api.execute([["UPDATE machines SET port = 81 WHERE id = 'syd-0'", []]])
  await start('syd', 'syd-20', 'marker')
  await untilTrue('syd')
  assert.equal((await writer.metric(sample)) - before, 2)
})

test('rows edited by hand are put right', async () => {
  const { api } = tiers.global.node('nrt-1')
  await api.execute([
    [
      "INSERT OR REPLACE INTO app_regions (app, region, instances, healthy) VALUES ('ghost', 'syd', 9, 9)",
      [],
    ],
    ["UPDATE app_regions SET healthy = 77 WHERE app = 'web' AND region = 'syd'", []],
    ["DELETE FROM app_regions WHERE app = 'app5' AND region = 'syd'", []],
  ])
  await untilTrue('syd')
})

test('a writer that is killed is followed by its twin; the change that came meanwhile is not lost', async () => {
  const writer = await tiers.untilWriter('syd')
  await writer.kill()
  await start('syd', 'syd-30', 'late')
  const next = await tiers.untilWriter('syd')
  assert.notEqual(next.name, writer.name)
  await untilTrue('syd')
  writer.start()
  await tiers.untilStatus(writer, 'writes again, its rank is higher', ({ role }) => role === 'writes')
  await start('syd', 'syd-31', 'later')
  await untilTrue('syd')
})

test('a writer that stands still is followed, and when it wakes it writes nothing before it has looked', async () => {
  const writer = await tiers.untilWriter('syd')
  const twin = tiers.aggregators('syd').find((one) => one !== writer)
  assert.ok(twin)
  writer.pause()
  await tiers.untilStatus(twin, 'writes', ({ role }) => role === 'writes')
  await start('syd', 'syd-40', 'meanwhile')
  await untilTrue('syd')
  // What the sleeper last knew to be stored is no longer so.
  await tiers.host('syd-1').api.execute([["UPDATE machines SET state = 'stopped' WHERE app = 'web'", []]])
  await untilTrue('syd')
  writer.resume()
  await tiers.untilStatus(writer, 'writes again', ({ role }) => role === 'writes')
  await untilTrue('syd')
})

test('an agent of the region that ends takes its aggregator out of the running, and its hosts out of the counts', async () => {
  const cluster = tiers.region('syd')
  cluster.process('syd-2').killGroup()
  await tiers.untilStatus(tiers.aggregator('syd-2'), 'yields', ({ role }) => role === 'yields')
  const writer = await tiers.untilWriter('syd')
  assert.equal(writer.name, 'syd-1')
  await start('syd', 'syd-50', 'alone')
  await untilTrue('syd')
  cluster.spawn('syd-2')
  await tiers.untilStatus(tiers.aggregator('syd-2'), 'is fit again', ({ role }) => role !== 'yields')
  await untilTrue('syd')
})

test('a mass deletion is held at both aggregators, and a release lets it through', async () => {
  const published = (): Promise<unknown[]> =>
    tiers.global.node('nrt-1').api.query("SELECT app FROM app_regions WHERE region = 'syd' ORDER BY app")
  const before = await published()
  await tiers.host('syd-1').api.execute([["DELETE FROM machines WHERE app <> 'web'", []]])
  const both = tiers.aggregators('syd')
  for (const one of both) await tiers.untilStatus(one, 'holds', ({ health }) => health === 'held')
  await assert.rejects(tiers.untilWriter('syd', 1_500), StepFailure)
  assert.deepEqual(await published(), before, 'no part of it is published')
  assert.equal(await both[0]?.release(ROLLUP), true)
  await untilTrue('syd')
  for (const one of both) await tiers.untilStatus(one, 'is well', ({ health }) => health === 'well')
})

test('a region without a live member is withdrawn, its rows stay, and it comes back', async () => {
  const { api } = tiers.global.node('syd-1')
  const live = (): Promise<string> =>
    api.query("SELECT DISTINCT region FROM live_app_regions WHERE app = 'web' ORDER BY region").then(String)
  const until = (what: string, wanted: string): Promise<true> =>
    waitUntil({ what, deadlineMs: DEADLINE_MS, pollMs: 20 }, async () =>
      (await live()) === wanted ? true : undefined,
    )
  await until('both are live', 'nrt,syd')
  tiers.global.process('nrt-1').killGroup()
  await until('nrt is withdrawn', 'syd')
  assert.equal(String(await api.query("SELECT count(*) FROM app_regions WHERE region = 'nrt'")), '1')
  tiers.global.spawn('nrt-1')
  await until('nrt is back', 'nrt,syd')
})
