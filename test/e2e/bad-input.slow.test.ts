/**
 * Bad input at a living cluster (the "Must hold" list): whatever strangers and careless clients send, the answer or the
 * counter is the one that docs name, nobody is down afterwards, and what was written is everywhere.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext, test } from 'node:test'
import {
  ApiError,
  Cluster,
  foreignKeyring,
  NODE_NAMES,
  type NodeName,
  type RunningNode,
  Stranger,
  sameContent,
  strangerPapers,
  untilEqual,
  untilListed,
  untilMembers,
  waitUntil,
} from '@patina/test-cluster'
import { Crowd, portOf, sayBehindUpgrade, secureSocket, sendPackets } from './hostile-sockets.ts'

const STEP_MS = 30_000
const INSERT = 'INSERT INTO machines (id) VALUES (?)'

let cluster: Cluster
let ams: RunningNode
let gossip: string
let written = 0

/** Writes a row on each node and waits until all hold it; nobody may be listed as anything but alive. */
async function unharmed(): Promise<void> {
  for (const { name, api } of cluster.nodes()) {
    await api.execute([[INSERT, [`${name}-${written}`]]])
    written += 1
  }
  await untilEqual(cluster.nodes(), written)
  await sameContent(cluster.nodes())
  for (const { api } of cluster.nodes())
    assert.deepEqual(
      (await api.members()).filter(({ state }) => state === 'down'),
      [],
    )
}

/** Waits until a sample of ams has grown by at least `by` since `from`. */
/** No magic: of 65,536 random packets one has it, and is refused for another reason. */
function noise(): Buffer {
  const bytes = randomBytes(300)
  bytes[0] = 0
  return bytes
}

async function untilGrown(sample: string, from: number, by: number): Promise<void> {
  await waitUntil({ what: `${sample} grows by ${by}`, deadlineMs: STEP_MS, pollMs: 20 }, async () =>
    (await ams.api.metric(sample)) >= from + by ? true : undefined,
  )
}

/** One that goes with its test, also where that fails: an open socket would keep this file from its end. */
async function openStranger(t: TestContext, papers: Parameters<typeof Stranger.open>[0]): Promise<Stranger> {
  const stranger = await Stranger.open(papers)
  t.after(() => stranger.close())
  return stranger
}

/** The same for a crowd. */
async function openCrowd(t: TestContext, ...crowd: Parameters<typeof Crowd.open>): Promise<Crowd> {
  const opened = await Crowd.open(...crowd)
  t.after(() => opened.leave())
  return opened
}

function refused(service: 'datagrams' | 'streams', reason: string): string {
  return `patina_transport_refused_total{service="${service}",reason="${reason}"}`
}

/** What the agent on ams answers to a body. */
async function post(
  path: string,
  body: string,
  type = 'application/json',
): Promise<[number, string | undefined]> {
  const response = await fetch(`http://127.0.0.1:${ams.apiPort}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
    signal: AbortSignal.timeout(STEP_MS),
  })
  const text = await response.text()
  return [response.status, /"code":"([^"]+)"/.exec(text)?.[1]]
}

/** Sixty-four queries at once are the most that this test has: file, WAL and shared memory of a connection each. */
const READER_POOL_DESCRIPTORS = 64 * 3

/** Open file descriptors of an agent and its children; 0 where /proc is not there. */
function descriptors(name: NodeName): number {
  return cluster
    .process(name)
    .pids()
    .reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0)
}

describe('three agents', () => {
  before(async () => {
    cluster = new Cluster()
    await cluster.start()
    await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
    ams = cluster.node('ams')
    gossip = (await ams.api.members()).find(({ self }) => self)?.addr as string
  })

  after(() => cluster.remove())

  it('refuse bodies and statements with the status and code that the docs name', async () => {
    const [transactions, queries] = ['/v1/transactions', '/v1/queries']
    const one = (sql: string): string => JSON.stringify([sql])
    const cases: readonly (readonly [string, string, number, string | undefined])[] = [
      [transactions, '{', 400, 'invalid-json'],
      [transactions, '\ud800', 400, 'invalid-json'],
      [transactions, '['.repeat(100_000), 400, 'invalid-json'],
      [transactions, `[1.5,${'['.repeat(50_000)}${']'.repeat(50_000)}]`, 400, 'invalid-json'],
      [transactions, '{"a":1}', 422, 'invalid-shape'],
      [transactions, ' '.repeat(67_108_865), 413, 'body-too-long'],
      [transactions, one('DELETE FROM nowhere'), 500, 'unknown-table'],
      [transactions, one('WITH x AS (SELECT 1) DELETE FROM __patina_log'), 400, 'internal-table'],
      [
        transactions,
        one('WITH machines AS (SELECT 1) DELETE FROM "MACHINES__patina_clock"'),
        400,
        'internal-table',
      ],
      [transactions, one("UPDATE main.sqlite_schema SET sql = ''"), 400, 'internal-table'],
      [transactions, one('DELETE FROM machines; DELETE FROM machines'), 400, 'multiple-statements'],
      [transactions, one('DELETE FROM machines;\0COMMIT'), 400, 'bad-text'],
      [transactions, one('/* DELETE */ BEGIN'), 400, 'transaction-control'],
      [transactions, one('-- DELETE\nCOMMIT'), 400, 'transaction-control'],
      [transactions, one(';; ROLLBACK'), 400, 'transaction-control'],
      [transactions, one('EXPLAIN QUERY PLAN SAVEPOINT a'), 400, 'transaction-control'],
      [transactions, one("INSERT OR ROLLBACK INTO machines (id) VALUES ('d'), ('d')"), 500, undefined],
      [
        transactions,
        one("INSERT INTO machines (id) SELECT patina_capture(1, 0, 'x')"),
        500,
        'unknown-function',
      ],
      [transactions, one("INSERT INTO machines (id) SELECT load_extension('x')"), 400, 'extension'],
      [queries, '"INSERT INTO machines (id) VALUES (1) RETURNING id"', 400, 'not-read-only'],
      [queries, '"SELECT * FROM pragma_table_info(\'machines\')"', 400, 'pragma'],
    ]
    const sample = 'patina_http_requests_total{route="/v1/transactions",status="400"}'
    const before = await ams.api.metric(sample)
    for (const [path, body, status, code] of cases) {
      const [gotStatus, gotCode] = await post(path, body)
      assert.deepEqual([gotStatus, code && gotCode], [status, code], body.slice(0, 80))
    }
    assert.deepEqual(await post(transactions, '[]', 'text/plain'), [415, 'content-type'])
    const expected = cases.filter(([path, , status]) => path === transactions && status === 400).length
    assert.equal((await ams.api.metric(sample)) - before, expected)
    assert.doesNotMatch(cluster.process('ams').log(), /fault of the agent/)
    await unharmed()
  })

  it('serve others while 2,200 connections to the API stall, and keep nothing of them', async (t) => {
    const before = descriptors('ams')
    const head = 'POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\n'
    const body = 'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n['
    const crowds = [
      await openCrowd(t, ams.apiPort, 1_000),
      await openCrowd(t, ams.apiPort, 500, head),
      await openCrowd(t, ams.apiPort, 300, head + body),
      await openCrowd(t, ams.apiPort, 400, randomBytes(400)),
    ]
    await unharmed()
    for (const crowd of crowds) crowd.leave()
    await waitUntil({ what: 'the descriptors are given back', deadlineMs: STEP_MS }, async () =>
      descriptors('ams') <= before + 4 ? true : undefined,
    )
    assert.doesNotMatch(cluster.process('ams').log(), /fault of the agent/)
    await unharmed()
  })

  it('drop junk, strangers and replays on the UDP port, each under its reason', async (t) => {
    const papers = await strangerPapers(cluster.folder, 'nrt')
    const other = { ...papers, clusterId: 'another' }
    const strange = { ...papers, keyring: foreignKeyring() }
    const strangers = await Promise.all([papers, other, strange].map((one) => openStranger(t, one)))
    const [peer, neighbour, thief] = strangers as [Stranger, Stranger, Stranger]
    const junk = randomBytes(40)
    const real = await peer.packetOf(junk)
    const forged = Buffer.from(real)
    forged[40] = (forged[40] as number) ^ 1
    const later = Buffer.from(real)
    later[2] = 9
    const plaintext = Buffer.from(real)
    plaintext[3] = 1
    const cases: readonly (readonly [string, readonly Uint8Array[]])[] = [
      [refused('datagrams', 'not-patina'), Array.from({ length: 2_000 }, noise)],
      [refused('datagrams', 'unknown-format'), [later]],
      [refused('datagrams', 'other-cluster'), [await neighbour.packetOf(junk)]],
      [refused('datagrams', 'unknown-key'), [await thief.packetOf(junk)]],
      [refused('datagrams', 'not-authentic'), [forged, plaintext]],
      ['patina_swim_malformed_total', [real]],
      [refused('datagrams', 'replayed'), Array.from({ length: 100 }, () => real)],
    ]
    for (const [sample, packets] of cases) {
      const before = await ams.api.metric(sample)
      await sendPackets(portOf(gossip), packets)
      await untilGrown(sample, before, packets.length)
    }
    assert.equal(await ams.api.metric('patina_swim_malformed_total'), 1)
    assert.match(cluster.process('ams').log(), /WARN {2}refused service=datagrams reason=unknown-key/)
    await Promise.all(strangers.map((stranger) => stranger.close()))
    await unharmed()
  })

  it('refuse strangers on the stream port under their reasons, and end nobody else’s session', async (t) => {
    const port = portOf(gossip)
    const before = descriptors('ams')
    const count = async (reason: string): Promise<number> => ams.api.metric(refused('streams', reason))
    const [tls, crowded] = [await count('tls'), await count('too-many-sessions')]
    const crowds = [await openCrowd(t, port, 600), await openCrowd(t, port, 300, randomBytes(2_000))]
    await untilGrown(refused('streams', 'tls'), tls, 250)
    await untilGrown(refused('streams', 'too-many-sessions'), crowded, 300)
    for (const crowd of crowds) crowd.leave()

    const papers = await strangerPapers(cluster.folder, 'nrt')
    const neighbour = await openStranger(t, { ...papers, clusterId: 'another' })
    assert.equal(await neighbour.dial(gossip), 'other-cluster')
    await untilGrown(refused('streams', 'other-cluster'), 0, 1)
    // 0x10 is a hello; its magic and range of versions are what no version changes.
    const hello = Buffer.concat([Uint8Array.of(0x10), Buffer.from('PATINA'), Uint8Array.of(9, 9)])
    await sayBehindUpgrade(await secureSocket(cluster.folder, 'nrt', port), hello)
    await untilGrown(refused('streams', 'incompatible-version'), 0, 1)
    const browser = await secureSocket(cluster.folder, 'nrt', port)
    t.after(() => browser.destroy())
    browser.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await untilGrown(refused('streams', 'not-patina'), 0, 1)

    const liar = await openStranger(t, papers)
    assert.equal(await liar.dial(gossip), 'opened')
    // For sync, by its first byte: of a random one each 256th were for membership.
    for (let message = 0; message < 50; message += 1)
      liar.sendMessage(Uint8Array.of(2, ...randomBytes(1_999)))
    await untilGrown('patina_sync_malformed_total', 0, 50)
    await Promise.all([neighbour.close(), liar.close()])
    await waitUntil({ what: 'the descriptors are given back', deadlineMs: STEP_MS }, async () =>
      descriptors('ams') <= before + 4 ? true : undefined,
    )
    assert.equal(await ams.api.metric('patina_sessions'), 2)
    assert.match(cluster.process('ams').log(), /WARN {2}refused service=streams reason=other-cluster/)
    await unharmed()
  })

  it('list one that stands still as down, are not accused by it afterwards, and catch it up', async () => {
    const still = cluster.process('syd')
    still.pause()
    await Promise.all((['ams', 'nrt'] as const).map((name) => untilListed(cluster.node(name), 'syd', 'down')))
    for (let row = 0; row < 20; row += 1, written += 1) await ams.api.execute([[INSERT, [`while-${row}`]]])
    still.resume()
    await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
    await unharmed()
    assert.doesNotMatch(still.log(), /member (suspected|down)/)
    assert.equal(await cluster.node('syd').api.metric('patina_versions_missing'), 0)
  })

  it('keep no descriptor and no process of all this, replaced no child, and end in order', async (t) => {
    const query = (): Promise<unknown> => ams.api.query('SELECT 1')
    await Promise.all(Array.from({ length: 64 }, query))
    const before = descriptors('ams')
    for (let round = 0; round < 100; round += 1) {
      const crowd = await openCrowd(t, ams.apiPort, 1, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await Promise.all(Array.from({ length: 10 }, query))
      crowd.leave()
    }
    // 1,100 connections came and went. The readers keep database connections, of three descriptors each, as many as were
    // ever in use at once, which is a matter of chance.
    await waitUntil({ what: 'the descriptors are given back', deadlineMs: STEP_MS }, async () =>
      descriptors('ams') <= before + READER_POOL_DESCRIPTORS ? true : undefined,
    )
    for (const { name, api } of cluster.nodes())
      for (const role of ['store', 'readers'])
        assert.equal(await api.metric(`patina_child_restarts_total{role="${role}"}`), 0, name)
    for (const name of NODE_NAMES) {
      assert.deepEqual(await cluster.process(name).stop(), { code: 0, signal: null })
      await cluster.process(name).groupGone()
    }
  })
})

test('T-C4: an expired certificate keeps its agent from replicating and writes nothing; a new one heals it', async (t) => {
  const own = new Cluster({ expired: ['syd'] })
  t.after(() => own.remove())
  await own.start()
  await Promise.all(own.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
  const [first, second, third] = NODE_NAMES.map((name) => own.node(name)) as [
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  await first.api.execute([[INSERT, ['a']]])
  await third.api.execute([[INSERT, ['c']]])
  await untilEqual([first, second], 1)
  const sample = refused('streams', 'tls')
  await waitUntil({ what: 'the refusals are counted', deadlineMs: STEP_MS }, async () =>
    (await first.api.metric(sample)) > 0 && (await third.api.metric(sample)) > 0 ? true : undefined,
  )
  // Which end dialled first decides whether the detail names the certificate or the connection that the other end closed.
  assert.match(own.process('ams').log(), /WARN {2}refused service=streams reason=tls detail=/)
  assert.equal(await third.api.metric('patina_sessions'), 0)
  const expiry = 'patina_certificate_expiry_seconds'
  assert.ok((await third.api.metric(`${expiry}{of="own"}`)) < Date.now() / 1_000)
  assert.ok((await first.api.metric(`${expiry}{of="peers"}`)) > Date.now() / 1_000)
  assert.match(own.process('syd').log(), /ERROR a certificate has expired of=own/)
  // It goes on dialling, and no retry becomes a write.
  assert.equal(await third.api.metric('patina_commits_total'), 1)
  await own.renewCertificate('syd')
  own.process('syd').reload()
  await untilEqual(own.nodes(), 2)
  for (const { api } of [first, second])
    assert.equal(await api.metric('patina_commits_total'), api === first.api ? 1 : 0)
})

test('a full disk ends its agent with one sentence; with space again nothing is lost', async (t) => {
  const own = new Cluster()
  t.after(() => own.remove())
  await own.start()
  await Promise.all(own.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
  const { api } = own.node('syd')
  assert.equal((await own.process('syd').stop()).code, 0)
  // 1 to 2 MiB, by the shell's unit.
  own.spawn('syd', { fileBlocksMax: 2_048 })
  await own.healthy('syd')
  const text = 'x'.repeat(20_000)
  const statement = 'INSERT INTO machines (id, state) VALUES (?, ?)'
  let answered = 0
  const full = (async (): Promise<void> => {
    for (; answered < 1_000; answered += 1) await api.execute([[statement, [`syd-${answered}`, text]]])
  })()
  await assert.rejects(full, ApiError)
  const { code } = await own.process('syd').exited
  assert.equal(code, 1)
  await own.process('syd').groupGone()
  const fatal = own
    .process('syd')
    .log()
    .split('\n')
    .filter((line) => line.includes(' FATAL '))
  assert.equal(fatal.length, 1)
  assert.match(
    fatal[0] as string,
    /the agent must stop reason="the storage failed \(SQLITE_\w+\) at .*patina\.db/,
  )
  await own.node('ams').api.execute([[INSERT, ['meanwhile']]])
  own.spawn('syd')
  await own.healthy('syd')
  // The write that failed may not be there: it was refused. All that were answered are.
  await untilEqual(own.nodes(), answered + 1)
  assert.ok(existsSync(join(own.folder, 'syd', 'patina.db')))
})
