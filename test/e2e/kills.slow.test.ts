/**
 * Ten agents under writes while SIGKILL takes one after the other: what was acknowledged is there, all hold the same soon after
 * it ends, live results miss nothing, and no process is left. `KILLS_SECONDS=300` for five minutes of it, `KILLS_SEED` for
 * another course.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { type Client, createClient } from '@patina/client'
import { type RunningNode, sameContent, startCluster, untilEqual } from '@patina/test-cluster'
import { KillTrial, SHARED_PREFIX } from './kill-trial.ts'
import { LiveReplay, untilCurrent } from './live-replay.ts'

const SEED = Number(process.env.KILLS_SEED ?? 1)
/** More on demand: each second costs every push that second. */
const SECONDS = Number(process.env.KILLS_SECONDS ?? 30)
const REPLAY = `KILLS_SEED=${SEED} KILLS_SECONDS=${SECONDS} node --conditions=@patina/source --test test/e2e/kills.slow.test.ts`
const NAMES = Array.from({ length: 10 }, (_, i) => `n${i}`)
const SURVIVOR = 'n0'
const CONVERGED_MS = 15_000
/** Each look is a scan on each agent. */
const POLL_MS = 100
const WRITES_PER_SECOND = 200
/** An agent may be killed again and again before it answers once. */
const ATTEMPTS_MAX = 1_000
/** Less than this share answered would prove nothing. */
const ANSWERED_SHARE = 0.25
const LIVE = [
  `SELECT id, state, updated FROM machines WHERE app = 'app-3'`,
  'SELECT app, count(*), max(updated) FROM machines GROUP BY app',
  'SELECT id, updated FROM machines ORDER BY updated DESC, id LIMIT 20',
  `SELECT m.id, p.name FROM machines m JOIN patina_members p ON p.name = m.region WHERE m.id LIKE '${SHARED_PREFIX}%'`,
]

test(`ten agents, ${SECONDS} s of SIGKILL under ${WRITES_PER_SECOND} writes a second; again: ${REPLAY}`, async (t) => {
  const cluster = await startCluster(t, { names: NAMES })
  const watched = [SURVIVOR, 'n1'].map((name) => watch(t, cluster.node(name)))
  const trial = new KillTrial(cluster, {
    seed: SEED,
    seconds: SECONDS,
    writesPerSecond: WRITES_PER_SECOND,
    killEveryMs: 1_500,
    downMax: 3,
    survivor: SURVIVOR,
  })
  const { kills, heldBack } = await trial.run()
  const endedMs = performance.now()
  const leftMs = (): number => CONVERGED_MS - (performance.now() - endedMs)
  await Promise.all(NAMES.map((name) => cluster.healthy(name)))
  await untilEqual(cluster.nodes(), 'any', { deadlineMs: leftMs(), pollMs: POLL_MS })
  const convergedMs = performance.now() - endedMs
  await sameContent(cluster.nodes())
  for (const { client, live } of watched) await untilCurrent(live, client, leftMs())

  const { acknowledgedCount, unansweredCount } = trial.journal
  const counts = `${acknowledgedCount} writes acknowledged, ${unansweredCount} without an answer, ${heldBack} held back`
  t.diagnostic(`${kills.length} kills, ${counts}, equal after ${(convergedMs / 1_000).toFixed(1)} s`)
  assert.deepEqual(trial.journal.contradictions(await followedRows(cluster.node(SURVIVOR))), [])
  assert.ok(kills.length > 0)
  assert.ok(acknowledgedCount > SECONDS * WRITES_PER_SECOND * ANSWERED_SHARE, counts)

  await cluster.remove()
  assert.deepEqual(processesOf(cluster.folder), [])
})

interface Watched {
  readonly client: Client
  readonly live: readonly LiveReplay[]
}

function watch(t: TestContext, { apiPort }: RunningNode): Watched {
  const client = createClient({ addresses: [`127.0.0.1:${apiPort}`] })
  const live = LIVE.map((sql) => new LiveReplay(client, sql, { attemptsMax: ATTEMPTS_MAX }))
  t.after(() => Promise.all(live.map((replay) => replay.close())))
  return { client, live }
}

async function followedRows({ api }: RunningNode): Promise<ReadonlyMap<string, number>> {
  const rows = await api.query(`SELECT id, updated FROM machines WHERE id NOT LIKE '${SHARED_PREFIX}%'`)
  return new Map(rows.map(([id, updated]) => [String(id), Number(updated)]))
}

/** Command lines that name the folder. */
function processesOf(folder: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes(folder))
}
