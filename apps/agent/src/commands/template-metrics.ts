/** Metrics and status of `patina template` over HTTP, for who watches it. Every metric is in docs/templates.md. */
import { createServer, type Server } from 'node:http'
import { listenForHttp, type SocketAddress } from '@patina/program'
import type { TemplateEvent, TemplateJob } from '@patina/templating'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { applyEvent, commandText, type TemplateState } from './template-report.ts'

export class TemplateMetrics {
  readonly #registry = new Registry()
  readonly #states = new Map<string, TemplateState>()
  readonly #renders: Counter<'file' | 'outcome'>
  readonly #commands: Counter<'file' | 'outcome'>
  readonly #seconds: Histogram

  constructor(queries: () => { readonly followed: number; readonly stale: number }) {
    const registers = [this.#registry]
    const of = (state: TemplateState['state']) => {
      const states = this.#states
      return function (this: Gauge<'file'>): void {
        this.reset()
        for (const [file, each] of states) this.set({ file }, each.state === state ? 1 : 0)
      }
    }
    const [held, failed] = [of('held'), of('failed')]
    const labelNames = ['file'] as const
    new Gauge({
      name: 'patina_template_held',
      help: 'the guard holds it',
      labelNames,
      registers,
      collect: held,
    })
    new Gauge({
      name: 'patina_template_failed',
      help: 'it is not current',
      labelNames,
      registers,
      collect: failed,
    })
    new Gauge({
      name: 'patina_template_queries',
      help: 'different queries that are followed',
      registers,
      collect() {
        this.set(queries().followed)
      },
    })
    new Gauge({
      name: 'patina_template_queries_stale',
      help: 'of them those whose rows may be old: the agent is away',
      registers,
      collect() {
        this.set(queries().stale)
      },
    })
    const outcome = ['file', 'outcome'] as const
    this.#renders = new Counter({
      name: 'patina_template_renders_total',
      help: 'renders by what became of them',
      labelNames: outcome,
      registers,
    })
    this.#commands = new Counter({
      name: 'patina_template_commands_total',
      help: 'commands by how they ended',
      labelNames: outcome,
      registers,
    })
    this.#seconds = new Histogram({
      name: 'patina_template_render_seconds',
      help: 'from the begin of a render to its text, waiting for rows included',
      buckets: [0.01, 0.05, 0.2, 1, 5],
      registers,
    })
  }

  /** These templates and no others. */
  expect(jobs: readonly TemplateJob[]): void {
    const known = new Map(this.#states)
    this.#states.clear()
    for (const { source, destination } of jobs)
      this.#states.set(
        destination,
        known.get(destination) ?? {
          source,
          destination,
          state: 'waiting',
          reason: null,
          queries: 0,
          written_at_ms: null,
          command: null,
        },
      )
  }

  count({ destination: file }: TemplateJob, event: TemplateEvent): void {
    const state = this.#states.get(file)
    if (state !== undefined) applyEvent(state, event, Date.now())
    if (event.kind === 'rendered') this.#seconds.observe(event.ms / 1_000)
    else if (event.kind === 'command') this.#commands.inc({ file, outcome: commandText(event) })
    else if (event.kind !== 'let-through') this.#renders.inc({ file, outcome: event.kind })
  }

  get states(): readonly TemplateState[] {
    return [...this.#states.values()]
  }

  /** Throws StartRefusal where nobody can listen there. */
  async listen(address: SocketAddress): Promise<Server> {
    const server = createServer({ requestTimeout: REQUEST_MS }, async (request, response) => {
      const path = request.url?.split('?')[0]
      if (path === '/metrics')
        response.setHeader('content-type', this.#registry.contentType).end(await this.#registry.metrics())
      else if (path === '/status') response.setHeader('content-type', JSON_TYPE).end(this.#statusJson())
      else if (path === '/healthz') response.setHeader('content-type', JSON_TYPE).end('{"status":"ok"}\n')
      else response.writeHead(404).end('there are /metrics, /status and /healthz\n')
    })
    server.maxConnections = CONNECTIONS_MAX
    return listenForHttp(server, address, 'metrics_addr')
  }

  #statusJson(): string {
    return `${JSON.stringify({ templates: this.states }, undefined, 2)}\n`
  }
}

const JSON_TYPE = 'application/json'
const REQUEST_MS = 10_000
const CONNECTIONS_MAX = 256
