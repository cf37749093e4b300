/**
 * Live results on a cluster: what a client rebuilt from the stream is the query run afresh whenever writes have come to rest,
 * whoever wrote, also after the agent was killed and started again, after its live-query process was, and for a reader that
 * paused.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { Prng } from '@patina/base'
import { type Client, createClient } from '@patina/client'
import {
  Cluster,
  NODE_NAMES,
  type NodeName,
  untilEqual,
  untilListed,
  untilMembers,
} from '@patina/test-cluster'
import { LiveReplay, untilCurrent } from './live-replay.ts'
import { LIVE_SHAPES } from './live-shapes.ts'

const STEP_MS = 30_000
const IDS = 24
const STATES = ['started', 'stopped', 'failed', 'draining']

/** Random writes, the same in each run. */
class Writes {
  readonly #prng = new Prng(1)

  /** So many transactions at each of these agents, each after the last one's answer. */
  async run(cluster: Cluster, names: readonly NodeName[], count: number): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        for (let n = 0; n < count; n += 1) await cluster.node(name).api.execute([this.#statement()])
      }),
    )
  }

  #statement(): readonly [string, readonly (string | number)[]] {
    const id = `m${this.#prng.below(IDS)}`
    const kind = this.#prng.below(10)
    if (kind < 4) {
      const values = [
        id,
        `app-${this.#prng.below(4)}`,
        this.#prng.pick(NODE_NAMES),
        this.#prng.pick(STATES),
        this.#prng.below(7),
      ]
      return [
        `INSERT INTO machines (id, app, region, state, port) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET app = excluded.app, state = excluded.state`,
        values,
      ]
    }
    if (kind < 6) return ['UPDATE machines SET state = ? WHERE id = ?', [this.#prng.pick(STATES), id]]
    if (kind < 8)
      return [
        'UPDATE machines SET port = ? WHERE app = ?',
        [this.#prng.below(7), `app-${this.#prng.below(4)}`],
      ]
    return ['DELETE FROM machines WHERE id = ?', [id]]
  }
}

async function start(t: TestContext): Promise<Cluster> {
  const cluster = new Cluster()
  t.after(() => cluster.remove())
  await cluster.start()
  await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
  return cluster
}

/** Waits until all agents hold the same rows, and then until each result is what its query gives there. */
async function untilFresh(cluster: Cluster, client: Client, live: readonly LiveReplay[]): Promise<void> {
  const [[rows] = [0]] = await cluster.node('ams').api.query('SELECT count(*) FROM machines')
  await untilEqual(cluster.nodes(), Number(rows))
  await untilCurrent(live, client, STEP_MS)
}

/** Ends the live-query process of one agent, as a query that never ends would. */
function killLiveQuery(cluster: Cluster, name: NodeName): void {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
  const line = stdout
    .split('\n')
    .find((each) => each.includes('--role=live-query') && each.includes(`${cluster.folder}/${name}/`))
  assert(line !== undefined, stdout)
  process.kill(Number.parseInt(line, 10), 'SIGKILL')
}

test('48 live results equal their queries: local and replicated writes, kills, a reader that pauses', async (t) => {
  assert.ok(new Set(LIVE_SHAPES).size >= 40)
  const cluster = await start(t)
  const writes = new Writes()
  await writes.run(cluster, NODE_NAMES, 10)
  const { apiPort } = cluster.node('nrt')
  const client = createClient({ addresses: [`127.0.0.1:${apiPort}`] })
  const live = LIVE_SHAPES.map((sql) => new LiveReplay(client, sql))
  t.after(() => Promise.all(live.map((replay) => replay.close())))
  await untilFresh(cluster, client, live)

  const resume = (live[0] as LiveReplay).pause()
  await writes.run(cluster, NODE_NAMES, 30)
  resume()
  await untilFresh(cluster, client, live)

  killLiveQuery(cluster, 'nrt')
  await writes.run(cluster, NODE_NAMES, 10)
  await untilFresh(cluster, client, live)

  const victim = cluster.process('nrt')
  victim.kill()
  await victim.groupGone()
  await untilListed(cluster.node('ams'), 'nrt', 'down')
  await writes.run(cluster, ['ams', 'syd'], 30)
  cluster.spawn('nrt')
  await cluster.healthy('nrt')
  await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
  await writes.run(cluster, NODE_NAMES, 10)
  await untilFresh(cluster, client, live)
  // All of this was told as changes: nobody had to begin anew.
  assert.deepEqual(
    live.filter(({ snapshotsAfterChanges }) => snapshotsAfterChanges > 0).map(({ sql }) => sql),
    [],
  )
})
