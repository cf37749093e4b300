/** Host: what a run ran on. Load from others is the first thing to look at when a figure surprises. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

export interface Host {
  readonly cores: number
  readonly cpu: string
  readonly memoryGb: number
  readonly platform: string
  readonly node: string
  /** One minute's load average at this moment. */
  readonly load: number
}

export function hostNow(): Host {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    load: Number((loadavg()[0] ?? Number.NaN).toFixed(2)),
  }
}

export function hostLine({ cores, cpu, memoryGb, platform, node }: Host): string {
  return `${cores} cores (${cpu}), ${memoryGb} GiB, ${platform}, Node ${node}`
}
