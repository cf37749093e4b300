/** The metrics of one program: all begin with its prefix and are in one registry, however they come about. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export class ProgramMetrics {
  readonly registry: Registry = new Registry()
  readonly #prefix: string

  /** `patina_consul`: what stands before each name. */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** `collect` sets it when somebody asks. */
  gauge(name: string, help: string, labels: readonly string[] = [], collect?: (self: Gauge) => void): Gauge {
    const own = { name: `${this.#prefix}_${name}`, help, labelNames: [...labels], registers: [this.registry] }
    if (collect === undefined) return new Gauge(own)
    return new Gauge({
      ...own,
      collect(this: Gauge) {
        collect(this)
      },
    })
  }

  /** `_total` is added to its name. */
  counter(name: string, help: string, labels: readonly string[] = []): Counter {
    const registers = [this.registry]
    return new Counter({ name: `${this.#prefix}_${name}_total`, help, labelNames: [...labels], registers })
  }

  /** Of seconds. */
  histogram(name: string, help: string): Histogram {
    const registers = [this.registry]
    return new Histogram({ name: `${this.#prefix}_${name}`, help, buckets: BUCKETS, registers })
  }
}
