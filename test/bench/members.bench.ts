/**
 * `patina_members`: how long after main has told of a change of membership (a line of GET /v1/members?watch) the same agent
 * shows it in a live result and in a query. One member leaves and comes back again and again. A query takes its own time,
 * too, so the same query is measured when nothing changes.
 */
import { Cluster, NODE_NAMES, untilMembers } from '@patina/test-cluster'
import { LiveStream } from './src/live-stream.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'

const ROUNDS = 12
const CALM_QUERIES = 200
const CHANGE_DEADLINE_MS = 20_000
const SELECT = "SELECT name, state FROM patina_members WHERE name = 'syd'"

export const bench: Bench = {
  name: 'members',
  repetitions: 1,
  repeat: async (repetition) => (repetition === 0 ? [] : measure()),
}

async function measure(): Promise<Sample[]> {
  const cluster = new Cluster()
  try {
    await cluster.start()
    await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
    const { api, apiPort } = cluster.node('nrt')
    const told = new Moments()
    const shown = new Moments()
    const watch = new AbortController()
    void follow(apiPort, told, watch.signal)
    const stream = await LiveStream.open(apiPort, [SELECT, []], ([, state]) => shown.add(String(state)))
    const [liveMs, queryMs]: [number[], number[]] = [[], []]
    const change = async (state: string): Promise<void> => {
      const at = await told.next(state)
      while ((await api.query(SELECT))[0]?.[1] !== state);
      queryMs.push(performance.now() - at)
      liveMs.push((await shown.next(state)) - at)
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const left = change('left')
      await cluster.process('syd').stop()
      await left
      const back = change('alive')
      cluster.spawn('syd')
      await back
      await cluster.healthy('syd')
    }
    const calmMs: number[] = []
    for (let i = 0; i < CALM_QUERIES; i += 1) {
      const startedAt = performance.now()
      await api.query(SELECT)
      calmMs.push(performance.now() - startedAt)
    }
    stream.close()
    watch.abort()
    return [
      ...spread('change of a member → in a live result', liveMs, { floor: 5 }),
      ...spread('change of a member → in a query', queryMs),
      ...spread('the same query when nothing changes', calmMs),
    ]
  } finally {
    await cluster.remove()
  }
}

function spread(what: string, samples: readonly number[], goal?: Sample['goal']): Sample[] {
  return [0.5, 1].map((share) => ({
    what: `${what}, ${share === 1 ? 'longest' : 'p50'}`,
    value: percentile(samples, share),
    unit: 'ms',
    ...(goal === undefined ? {} : { goal }),
  }))
}

/** When each state was heard of, in order. */
class Moments {
  readonly #heard: { readonly state: string; readonly at: number }[] = []
  #wake: () => void = () => {}

  add(state: string): void {
    this.#heard.push({ state, at: performance.now() })
    this.#wake()
  }

  /** The next moment of this state; those of others before it are passed over. */
  async next(state: string): Promise<number> {
    const deadline = performance.now() + CHANGE_DEADLINE_MS
    for (;;) {
      const moment = this.#heard.shift()
      if (moment?.state === state) return moment.at
      if (moment !== undefined) continue
      if (performance.now() > deadline) throw new Error(`syd did not become ${state}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CHANGE_DEADLINE_MS)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

async function follow(port: number, told: Moments, signal: AbortSignal): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/members?watch`, { signal })
  const utf8 = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      const lines = (rest + utf8.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() as string
      for (const line of lines) {
        const { member } = JSON.parse(line) as { member?: { name: string; state: string } }
        if (member?.name === 'syd') told.add(member.state)
      }
    }
  } catch (cause) {
    if (!signal.aborted) throw cause
  }
}
