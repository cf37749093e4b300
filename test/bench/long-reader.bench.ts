/**
 * A reader that holds an old snapshot for as long as it may, and comes again when it is cut, under 1,000 one-row writes a second (T-H1):
 * what a write waits for its answer, and how long the write-ahead log gets. Writes are sent at a fixed rate, whether or not
 * earlier ones are answered. `--minutes N`: so long, instead of three; the lesson asks for sixty.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { LoneAgent } from './src/lone-agent.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'
import { SlowReader } from './src/slow-reader.ts'
import { loads, machines, touch } from './src/statements.ts'

const { values } = parseArgs({ strict: false, options: { minutes: { type: 'string', default: '3' } } })
const SECONDS = Number(values.minutes) * 60
const WARM_UP_SECONDS = 5
const PER_SECOND = 1_000
const ROWS = 5_000
const ROWS_PER_LOAD = 100
/** Reached in half a minute at this rate, so that readers are cut in a run of three minutes, too. */
const WAL_LIMIT_BYTES = 128 * 1024 * 1024
const LOOK_EVERY_MS = 250
const TICK_MS = 1
const ALL_PAIRS = 'SELECT a.id, b.id, c.id FROM machines AS a, machines AS b, machines AS c'

export const bench: Bench = {
  name: 'long-reader',
  repetitions: 1,
  repeat: async (repetition) => (repetition === 0 ? [] : await measure()),
}

async function measure(): Promise<Sample[]> {
  const agent = await LoneAgent.start('source', { walLimitBytes: WAL_LIMIT_BYTES })
  try {
    const rows = machines(ROWS)
    for (const transaction of loads(rows, ROWS_PER_LOAD)) await agent.api.execute(transaction)
    const reader = new SlowReader(agent.port, ALL_PAIRS)
    const log = watchLog(agent)
    const { answeredMs, refused } = await write(async (n) => {
      await agent.api.execute([touch(rows[(n * 7) % ROWS] as (typeof rows)[0], n)])
    })
    const walBytesMax = await log.end()
    const cuts = await agent.api.metric('patina_snapshots_cut_total{role="readers"}')
    await reader.close()
    const at = (share: number): number => percentile(answeredMs, share)
    return [
      { what: 'answered, p50', value: at(0.5), unit: 'ms' },
      { what: 'answered, p99', value: at(0.99), unit: 'ms', goal: { floor: 20 } },
      { what: 'answered, at most', value: at(1), unit: 'ms' },
      { what: 'refused', value: refused, unit: 'writes', goal: { floor: 0 } },
      { what: 'answered', value: answeredMs.length, unit: 'writes' },
      { what: 'log, at most', value: walBytesMax / 1e6, unit: 'MB', goal: { floor: WAL_LIMIT_BYTES / 1e6 } },
      { what: 'a reader was cut', value: cuts, unit: 'times' },
    ]
  } finally {
    await agent.stop()
  }
}

function watchLog(agent: LoneAgent): { readonly end: () => Promise<number> } {
  let [most, isDone] = [0, false]
  const watching = (async () => {
    for (; !isDone; await wait(LOOK_EVERY_MS)) most = Math.max(most, agent.walBytes())
  })()
  return {
    end: async () => {
      isDone = true
      await watching
      return most
    },
  }
}

interface Written {
  readonly answeredMs: readonly number[]
  readonly refused: number
}

/** So many writes a second; those of the first seconds are not counted. */
async function write(writeOne: (n: number) => Promise<void>): Promise<Written> {
  const answeredMs: number[] = []
  const underWay = new Set<Promise<void>>()
  let refused = 0
  const start = performance.now()
  for (let n = 1; n <= PER_SECOND * (SECONDS + WARM_UP_SECONDS); n += 1) {
    const due = start + (n * 1_000) / PER_SECOND
    while (performance.now() < due) await wait(TICK_MS)
    const sent = performance.now()
    const one = writeOne(n).then(
      () => void (n > PER_SECOND * WARM_UP_SECONDS && answeredMs.push(performance.now() - sent)),
      () => {
        refused += 1
      },
    )
    underWay.add(one)
    void one.then(() => underWay.delete(one))
  }
  await Promise.all(underWay)
  return { answeredMs, refused }
}
