/**
 * RegionsStory: what two tiers are for. An app runs in syd alone; a request in nrt finds it. A server dies, an aggregator is
 * killed, a whole region falls silent, a region is emptied by mistake. Each step waits until what should be known is known,
 * and leaves how long that took as a figure.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { StepFailure, waitUntil } from '@patina/test-cluster'
import { type AggregatorProcess, type Instance, ROLLUP, Tiers } from '@patina/test-tiers'
import { type Figure, formatMs } from './figures.ts'
import { LineProcess } from './line-process.ts'

export const REGIONS = ['ams', 'nrt', 'syd'] as const
type Region = (typeof REGIONS)[number]

const APP = 'web'
const SERVERS: readonly (readonly [id: string, host: string])[] = [
  ['web-1', 'syd-1'],
  ['web-2', 'syd-1'],
  ['web-3', 'syd-2'],
]
/** Apps of each region beside it: with fewer the guard would not mind. */
const OTHER_APPS = 20
const DEADLINE_MS = 30_000
const POLL_MS = 5
/** So long a held roll-up is watched for a write that must not come. */
const HELD_MS = 2_000
const REGISTER =
  'INSERT OR REPLACE INTO machines (id, app, region, node, addr, port, state) VALUES (?, ?, ?, ?, ?, ?, ?)'
const AGGREGATOR = fileURLToPath(new URL('../../../apps/aggregator/src/main.ts', import.meta.url))
const SERVER = fileURLToPath(new URL('./app-server.ts', import.meta.url))
const COMMAND_MS = 30_000

export class RegionsStory {
  readonly tiers: Tiers = new Tiers({
    regions: REGIONS.map((name) => ({ name, agents: 2, aggregators: 2, globalAgents: 1 })),
    fullCompareSecs: 300,
  })
  readonly figures: Figure[] = []
  readonly #say: (line: string) => void
  readonly #servers = new Map<string, LineProcess>()
  readonly #over = new AbortController()
  /** What nrt's aggregator has pushed last of the instances in syd. */
  #pushed: readonly Instance[] = []

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  async tell(): Promise<void> {
    await this.#start()
    await this.#fillRegions()
    await this.#findFromAfar()
    await this.#loseServer()
    await this.#loseWriter()
    await this.#loseRegion()
    await this.#emptyRegion()
  }

  async remove(): Promise<void> {
    this.abandonServers()
    await this.tiers.remove()
  }

  abandonServers(): void {
    this.#over.abort()
    for (const server of this.#servers.values()) server.kill()
  }

  async #start(): Promise<void> {
    const began = performance.now()
    await this.tiers.start()
    await Promise.all(REGIONS.map((region) => this.tiers.untilWriter(region, 2 * DEADLINE_MS)))
    this.#note('start of nine agents and six aggregators', began)
    this.#say(
      'Three regions (ams, nrt, syd) of two agents each, a global cluster of three, and two aggregators a region, one of which writes.',
    )
  }

  async #fillRegions(): Promise<void> {
    for (const region of REGIONS) {
      const rows = Array.from({ length: OTHER_APPS }, (_, n) =>
        rowOf(`${region}-${n}`, `app-${n}`, `${region}-1`, 80),
      )
      await this.tiers.host(`${region}-1`).api.execute(rows.map((row) => [REGISTER, row]))
    }
    await Promise.all(SERVERS.map(([id, host]) => this.#startServer(id, host)))
    this.#say(`Three HTTP servers of the app ${APP} run in syd, and ${OTHER_APPS} other apps in each region.`)
  }

  async #startServer(id: string, host: string): Promise<void> {
    const listening = Promise.withResolvers<number>()
    const server = new LineProcess(SERVER, ['--name', id, '--port', '0'], (line) =>
      listening.resolve(Number(line)),
    )
    this.#servers.set(id, server)
    const { api } = this.tiers.host(host)
    const port = await Promise.race([listening.promise, server.exited.then(() => undefined)])
    if (port === undefined) throw new StepFailure(`${id} ended at its start: ${server.errors()}`)
    await api.execute([[REGISTER, rowOf(id, APP, host, port)]])
    // As the host's own supervisor would: it sees its child end.
    void server.exited.then(async () => {
      if (!this.#over.signal.aborted)
        await api.execute([["UPDATE machines SET state = 'failed' WHERE id = ?", [id]]])
    })
  }

  async #findFromAfar(): Promise<void> {
    const nrt = this.tiers.aggregator('nrt-1')
    const began = performance.now()
    await this.#untilHealthy(nrt, SERVERS.length)
    this.#note('until nrt knows of all three servers in syd', began)
    this.#say(
      `\n$ patina-aggregator route ${APP} --from nrt\n${this.#command(nrt, 'route', APP, '--from', 'nrt')}`,
    )
    const asked = performance.now()
    const [first] = await nrt.instances(APP, 'syd')
    const answer = await (await fetch(`http://${first?.addr}:${first?.port}/`)).text()
    this.#note('first request from nrt: instances of syd asked for, and the answer of one', asked)
    this.#say(`A request in nrt goes to syd: ${answer.trim()}`)
    void this.#follow(nrt)
    await this.#until('the stream of instances has begun', async () => this.#pushed.length === SERVERS.length)
  }

  async #follow(nrt: AggregatorProcess): Promise<void> {
    try {
      for await (const instances of nrt.watchInstances(APP, 'syd', this.#over.signal))
        this.#pushed = instances
    } catch {
      // It is over, or the next step that waits for a push fails.
    }
  }

  async #loseServer(): Promise<void> {
    const nrt = this.tiers.aggregator('nrt-1')
    const began = performance.now()
    this.#servers.get('web-1')?.kill()
    await this.#until(
      'nrt hears that web-1 is gone',
      async () => !this.#pushed.some(({ id }) => id === 'web-1'),
    )
    this.#note('SIGKILL of web-1 in syd → pushed to nrt', began)
    await this.#untilHealthy(nrt, SERVERS.length - 1)
    this.#note('SIGKILL of web-1 in syd → counted so in nrt', began)
    this.#say('A server in syd is killed: nrt is told, and the count in the global cluster falls to 2.')
  }

  async #loseWriter(): Promise<void> {
    const writer = await this.tiers.untilWriter('syd')
    const began = performance.now()
    await writer.kill()
    await this.tiers.host('syd-1').api.execute([[REGISTER, rowOf('web-4', APP, 'syd-1', 80)]])
    await this.#untilHealthy(this.tiers.aggregator('nrt-1'), SERVERS.length)
    this.#note("SIGKILL of syd's writer → its twin has published what came meanwhile", began)
    this.#say(`The aggregator ${writer.name} is killed. Its lease ends, and its twin writes on.`)
    writer.start()
  }

  async #loseRegion(): Promise<void> {
    const { api } = this.tiers.global.node('nrt-1')
    const live = async (): Promise<string> =>
      String(await api.query('SELECT count(*) FROM live_app_regions WHERE region = ?', ['syd']))
    const rows = String(OTHER_APPS + 1)
    await this.#until('all apps of syd are live', async () => (await live()) === rows)
    const agent = this.tiers.global.process('syd-1')
    const cutAt = performance.now()
    agent.pause()
    await this.#until('syd is withdrawn', async () => (await live()) === '0')
    this.#note("syd's last member of the global cluster falls silent → all its apps withdrawn in nrt", cutAt)
    const kept = String(await api.query('SELECT count(*) FROM app_regions WHERE region = ?', ['syd']))
    if (kept !== rows) throw new StepFailure(`syd has ${kept} rows and not ${rows}`)
    const backAt = performance.now()
    agent.resume()
    await this.#until('syd is back', async () => (await live()) === rows)
    this.#note('it speaks again → all of them are back', backAt)
    this.#say(
      `syd is cut off: one membership event withdraws its ${rows} apps, and no row is written. It comes back, and so do they.`,
    )
  }

  async #emptyRegion(): Promise<void> {
    const { api } = this.tiers.global.node('nrt-1')
    const rows = async (): Promise<string> =>
      String(await api.query('SELECT count(*) FROM app_regions WHERE region = ?', ['ams']))
    await this.tiers.untilWriter('ams')
    const began = performance.now()
    await this.tiers.host('ams-1').api.execute([['DELETE FROM machines WHERE region = ?', ['ams']]])
    const both = this.tiers.aggregators('ams')
    for (const one of both) await this.tiers.untilStatus(one, 'holds', ({ health }) => health === 'held')
    this.#note('a region is emptied by mistake → held by both of its aggregators', began)
    const until = performance.now() + HELD_MS
    while (performance.now() < until)
      if (Number(await rows()) <= OTHER_APPS / 2) throw new StepFailure('a held roll-up was written')
    this.#say(
      `Somebody deletes all of ams. The guard holds it: the global cluster keeps its ${OTHER_APPS} apps.`,
    )
    const released = performance.now()
    this.#command(both[0] as AggregatorProcess, 'release', ROLLUP)
    await this.#until('what was released is published', async () => (await rows()) === '0')
    this.#note('an operator releases it → published', released)
    this.#say(`$ patina-aggregator release ${ROLLUP}\nIt was meant: an operator lets it through.`)
  }

  /** stdout. Fails where the command does. */
  #command({ configFile }: AggregatorProcess, ...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@patina/source', AGGREGATOR, ...args, '--config', configFile],
      { encoding: 'utf8', timeout: COMMAND_MS },
    )
    if (status !== 0)
      throw new StepFailure(`patina-aggregator ${args.join(' ')} ended with ${status}: ${stderr}`)
    return stdout
  }

  async #untilHealthy(aggregator: AggregatorProcess, healthy: number): Promise<void> {
    await this.#until(`${healthy} of ${APP} are healthy in syd, as seen in nrt`, async () => {
      const routes = await aggregator.route(APP, 'nrt')
      return routes.find(({ region }) => region === 'syd')?.healthy === healthy
    })
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    await waitUntil({ what, deadlineMs: DEADLINE_MS, pollMs: POLL_MS }, async () =>
      (await holds()) ? true : undefined,
    )
  }

  #note(what: string, since: number): void {
    this.figures.push({ what, value: formatMs(performance.now() - since) })
  }
}

function rowOf(id: string, app: string, host: string, port: number): (string | number)[] {
  const region = host.split('-')[0] as Region
  return [id, app, region, host, '127.0.0.1', port, 'started']
}
