/**
 * The story of the demo, step by step: each step does one thing to the cluster, waits until it holds, says so in one
 * line, and leaves figures. A step that does not hold throws; nothing is retried.
 */
import {
  type Cluster,
  countRows,
  NODE_NAMES,
  type NodeName,
  type RunningNode,
  StepFailure,
  sameContent,
  untilEqual,
  untilListed,
  untilMembers,
  waitUntil,
} from '@patina/test-cluster'
import { type Change, Fleet, type Machine } from '@patina/test-data'
import { Discovery } from './discovery.ts'
import { type Figure, formatCount, formatMs, percentile } from './figures.ts'
import { timeWrite } from './latency.ts'
import { ProgressBar } from './progress-bar.ts'
import { batches, executeAll, insertOf, statementOf } from './writes.ts'

const SEED = 1
const ROWS = 10_000
const ROWS_PER_TRANSACTION = 100
/** Transactions under way at a time, as several programs of a host would have them. */
const LOAD_WIDTH = 4
const TIMED_WRITES = 100
const CHANGES_MEANWHILE = 400
const AGREE_DEADLINE_MS = 60_000
const VICTIM: NodeName = 'syd'

export class Story {
  readonly figures: Figure[] = []
  readonly #cluster: Cluster
  readonly #fleet: Fleet = new Fleet({ seed: SEED, instances: ROWS })
  readonly #discovery: Discovery
  readonly #say: (line: string) => void

  constructor(cluster: Cluster, say: (line: string) => void) {
    this.#cluster = cluster
    this.#say = say
    this.#discovery = new Discovery(cluster, { say, note: (what, value) => this.#note(what, value) })
  }

  get discovery(): Discovery {
    return this.#discovery
  }

  /** All but the end: afterwards everything that was killed runs again. */
  async tell(): Promise<void> {
    await this.#start()
    await this.#load()
    await this.#timeWrites()
    await this.#discovery.start()
    await this.#discovery.killServer()
    await this.#discovery.restartServer()
    await this.#kill()
    await this.#writeOn()
    await this.#restart()
  }

  async end(): Promise<void> {
    await this.#discovery.remove()
    for (const name of NODE_NAMES) {
      const agent = this.#cluster.process(name)
      const { code, signal } = await agent.stop()
      if (code !== 0)
        throw new StepFailure(`${name} ended with ${signal ?? `exit code ${code}`} after SIGTERM`)
      await agent.groupGone()
    }
    this.#say('All three ended in order.')
  }

  async #start(): Promise<void> {
    const start = performance.now()
    await this.#cluster.start()
    await Promise.all(this.#cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
    const ms = formatMs(performance.now() - start)
    this.#say(`Three agents run and see each other: ${NODE_NAMES.join(', ')} (${ms}).`)
    this.#note('start of three agents until each lists three members', ms)
  }

  async #load(): Promise<void> {
    const nodes = this.#cluster.nodes()
    const bar = new ProgressBar(process.stderr, 'rows loaded through ams', ROWS)
    const transactions = batches(mapEach(this.#fleet.rows(), insertOf), ROWS_PER_TRANSACTION)
    const start = performance.now()
    await executeAll(this.#cluster.node('ams').api, transactions, LOAD_WIDTH, (rows) => bar.advance(rows))
    const loadedMs = performance.now() - start
    await untilEqual(nodes, ROWS)
    const equalMs = performance.now() - start
    this.#note(`load of ${formatCount(ROWS)} rows, ${ROWS_PER_TRANSACTION} a transaction`, formatMs(loadedMs))
    this.#note('until all three hold them, from the first write', formatMs(equalMs))
    await this.#sayContent(nodes)
  }

  async #timeWrites(): Promise<void> {
    const [ams, nrt, syd] = NODE_NAMES.map((name) => this.#cluster.node(name)) as [
      RunningNode,
      RunningNode,
      RunningNode,
    ]
    const [row] = this.#fleet.rows()
    const { id, updated } = row as Machine
    const answered: number[] = []
    const readable: number[] = []
    const behind: number[] = []
    for (let at = 0; at < TIMED_WRITES; at += 1) {
      // One reader at a time, so that asking costs the machine less than what is measured.
      const times = await timeWrite(ams, [at % 2 === 0 ? nrt : syd], id, updated + 1 + at)
      answered.push(times.answeredMs)
      for (const ms of times.readableMs.values()) {
        readable.push(ms)
        behind.push(ms - times.answeredMs)
      }
    }
    const both = await timeWrite(ams, [nrt, syd], id, updated - 1)
    const [inNrt, inSyd] = ['nrt', 'syd'].map((name) => formatMs(both.readableMs.get(name) as number))
    this.#say(`A write on ams can be read in nrt after ${inNrt} and in syd after ${inSyd}.`)
    const write = 'write on ams → readable in nrt or syd'
    this.#note(`write on ams → answered, p50 of ${TIMED_WRITES}`, formatMs(percentile(answered, 0.5)))
    this.#note(`${write}, p50 of ${TIMED_WRITES}`, formatMs(percentile(readable, 0.5)))
    this.#note(`${write}, p99 of ${TIMED_WRITES}`, formatMs(percentile(readable, 0.99)))
    this.#note('of this, after the answer, p50', formatMs(percentile(behind, 0.5)))
  }

  async #kill(): Promise<void> {
    const victim = this.#cluster.process(VICTIM)
    const before = await this.#discovery.tableOf(VICTIM)
    const start = performance.now()
    victim.kill()
    const lost = this.#discovery.loseHost(VICTIM, start, before)
    const seen = this.#others().map(async (node) => {
      await untilListed(node, VICTIM, 'down')
      return { name: node.name, ms: performance.now() - start }
    })
    const [, ...times] = await Promise.all([lost, ...seen])
    const words = times.map(({ name, ms }) => `${formatMs(ms)} in ${name}`)
    this.#say(`  ${VICTIM} was declared down after ${words.join(' and ')}.`)
    for (const { name, ms } of times) this.#note(`SIGKILL of ${VICTIM} → down in ${name}`, formatMs(ms))
    await victim.groupGone()
  }

  async #writeOn(): Promise<void> {
    const others = this.#others()
    const changes = firstOf(this.#fleet.changes(), CHANGES_MEANWHILE)
    await Promise.all(
      others.map(({ api }, at) => {
        const own = changes.filter((_, number) => number % others.length === at)
        return executeAll(
          api,
          mapEach(own, (change: Change) => [statementOf(change)]),
          LOAD_WIDTH,
        )
      }),
    )
    const names = others.map(({ name }) => name).join(' and ')
    this.#say(`Meanwhile ${formatCount(CHANGES_MEANWHILE)} changes were written on ${names}.`)
  }

  async #restart(): Promise<void> {
    const start = performance.now()
    this.#cluster.spawn(VICTIM)
    await this.#cluster.healthy(VICTIM)
    const healthyMs = performance.now() - start
    const rows = await this.#settledRows()
    await untilEqual(this.#cluster.nodes(), rows)
    const caughtUpMs = performance.now() - start
    await Promise.all(this.#cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
    this.#note(`restart of ${VICTIM} → healthy`, formatMs(healthyMs))
    this.#note(`restart of ${VICTIM} → caught up with ${CHANGES_MEANWHILE} changes`, formatMs(caughtUpMs))
    const backMs = await this.#discovery.regainHost(VICTIM, start)
    const [healthy, caughtUp, back] = [healthyMs, caughtUpMs, backMs].map(formatMs)
    this.#say(
      `Started ${VICTIM} again: healthy after ${healthy}, caught up after ${caughtUp}, its servers back in nrt after ${back}.`,
    )
    await this.#sayContent(this.#cluster.nodes())
  }

  /** The number of rows on which the nodes that stayed agree. */
  async #settledRows(): Promise<number> {
    return await waitUntil(
      { what: 'the nodes that stayed agree', deadlineMs: AGREE_DEADLINE_MS },
      async () => {
        const counts = await Promise.all(this.#others().map(countRows))
        return new Set(counts).size === 1 ? counts[0] : undefined
      },
    )
  }

  #others(): RunningNode[] {
    return this.#cluster.nodes().filter(({ name }) => name !== VICTIM)
  }

  async #sayContent(nodes: readonly RunningNode[]): Promise<void> {
    const { rows, hash } = await sameContent(nodes)
    this.#say(`All three hold the same ${formatCount(rows)} rows: SHA-256 ${hash.slice(0, 16)}…`)
  }

  #note(what: string, value: string): void {
    this.figures.push({ what, value })
  }
}

function* mapEach<T, U>(items: Iterable<T>, change: (item: T) => U): IterableIterator<U> {
  for (const item of items) yield change(item)
}

function firstOf<T>(items: Iterator<T>, count: number): T[] {
  return Array.from({ length: count }, () => items.next().value as T)
}
