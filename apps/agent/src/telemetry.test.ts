import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { type Gauges, Telemetry, wallMsOf } from './telemetry.ts'

const STATS = { databaseBytes: 4_096, walBytes: 7, quarantined: 1, bufferedChunks: 2, misfits: 3 }

const STREAM = {
  dropped: 1,
  sentBytes: 200,
  sentWireBytes: 50,
  receivedBytes: 100,
  receivedWireBytes: 30,
}

function telemetry(gauges: Partial<Gauges> = {}): Telemetry {
  const made = new Telemetry(pino({ enabled: false }), '1.2.3')
  made.watch({
    membersByState: () => new Map([['alive', 3]]),
    ready: () => true,
    pendingByRole: () => new Map([['store', 2]]),
    sessions: () => 5,
    streams: () => new Map([['backlog', STREAM]]),
    certificateExpiries: () => new Map([['own', 1_800_000_000]]),
    membership: () => ({ localHealth: 1, unverified: 2, rumors: 3 }),
    skew: () => ({ tables: [1, 2], other: 3 }),
    versions: () => ({ missing: 6, unobtainable: 2, lost: 1 }),
    oldestViewSeconds: () => 1.5,
    broadcast: () => ({ queuedBytes: new Map([['fresh', 7]]), delayedBytes: 8, muted: 9 }),
    store: async () => STATS,
    ...gauges,
  })
  return made
}

async function value(made: Telemetry, metric: string): Promise<string | undefined> {
  const line = (await made.exposition()).split('\n').find((text) => text.startsWith(`${metric} `))
  return line?.slice(metric.length + 1)
}

test('what is told is counted', async () => {
  const made = telemetry()
  made.count('broadcast_sent', 4)
  made.request('/v1/queries', 503, 0.2)
  made.refused('datagrams', 'not-authentic')
  made.childRestarted('readers')
  made.committed(2)
  made.applied('duplicate')
  assert.equal(await value(made, 'patina_broadcast_sent_total'), '4')
  assert.equal(await value(made, 'patina_http_requests_total{route="/v1/queries",status="503"}'), '1')
  assert.equal(await value(made, 'patina_http_request_seconds_bucket{le="0.1",route="/v1/queries"}'), '0')
  assert.equal(await value(made, 'patina_http_request_seconds_bucket{le="0.25",route="/v1/queries"}'), '1')
  assert.equal(
    await value(made, 'patina_transport_refused_total{service="datagrams",reason="not-authentic"}'),
    '1',
  )
  assert.equal(await value(made, 'patina_child_restarts_total{role="readers"}'), '1')
  assert.equal(await value(made, 'patina_commits_total'), '2')
  assert.equal(await value(made, 'patina_changesets_applied_total{outcome="duplicate"}'), '1')
  assert.equal(await value(made, 'patina_build_info{version="1.2.3"}'), '1')
})

test('gauges are read at each exposition; a state that is gone is gone', async () => {
  let states = new Map([['down', 1]])
  const made = telemetry({ membersByState: () => states })
  assert.equal(await value(made, 'patina_members{state="down"}'), '1')
  states = new Map([['alive', 1]])
  assert.equal(await value(made, 'patina_members{state="down"}'), undefined)
  assert.equal(await value(made, 'patina_port_pending{role="store"}'), '2')
  assert.equal(await value(made, 'patina_sessions'), '5')
  assert.equal(await value(made, 'patina_versions_missing'), '6')
  assert.equal(await value(made, 'patina_sync_unobtainable_versions'), '2')
  assert.equal(await value(made, 'patina_sync_lost_versions'), '1')
  assert.equal(await value(made, 'patina_schema_tables_skewed'), '2')
  assert.equal(await value(made, 'patina_schema_peers_other'), '3')
})

test('the store is asked once an exposition, and its last figures stand when it is silent', async () => {
  let asked = 0
  let answer: typeof STATS | undefined = STATS
  const made = telemetry({
    store: async () => {
      asked += 1
      return answer
    },
  })
  assert.equal(await value(made, 'patina_database_bytes'), '4096')
  assert.equal(asked, 1)
  answer = undefined
  for (const [name, expected] of [
    ['wal_bytes', '7'],
    ['quarantined_versions', '1'],
    ['buffered_chunks', '2'],
    ['misfits', '3'],
  ])
    assert.equal(await value(made, `patina_${name}`), expected)
})

test('wall time of an instant', () => {
  assert.ok(Math.abs(wallMsOf(performance.now()) - Date.now()) < 1_000)
})

test('how membership does is three gauges', async () => {
  const made = telemetry()
  const names = ['patina_swim_local_health', 'patina_swim_unverified_members', 'patina_swim_rumors']
  assert.deepEqual(await Promise.all(names.map((name) => value(made, name))), ['1', '2', '3'])
})

test('when certificates end is a gauge by whose they are', async () => {
  const made = telemetry()
  const sample = 'patina_certificate_expiry_seconds{of="own"}'
  assert.equal(await value(made, sample), '1800000000')
})

test('what sessions have carried is told by lane and direction, the same at each exposition', async () => {
  const made = telemetry()
  for (let exposition = 0; exposition < 2; exposition += 1) {
    const text = await made.exposition()
    for (const sample of [
      'patina_stream_dropped_total{lane="backlog"} 1',
      'patina_stream_bytes_total{lane="backlog",direction="out"} 200',
      'patina_stream_wire_bytes_total{lane="backlog",direction="out"} 50',
      'patina_stream_bytes_total{lane="backlog",direction="in"} 100',
      'patina_stream_wire_bytes_total{lane="backlog",direction="in"} 30',
    ])
      assert.ok(text.split('\n').includes(sample), sample)
  }
})
