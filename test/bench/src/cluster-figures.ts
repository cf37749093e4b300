/**
 * ClusterFigures: CPU and memory of the agents of a cluster by role and by place: `origin` is the agent that is written
 * to, `others` the sum of those to which its writes only come. Of /proc, on Linux only; elsewhere there are no figures.
 */
import { join } from 'node:path'
import { type Cluster, NODE_NAMES, type NodeName } from '@patina/test-cluster'
import { findProcesses, type ProcessFigures, processTree } from './process-figures.ts'
import type { Sample } from './sample.ts'

/** The agent that benchmarks write to. */
export const ORIGIN: NodeName = 'ams'

export type CpuByRole = ReadonlyMap<string, number>

/** Seconds used since each process began. */
export function cpuByRole(cluster: Cluster): CpuByRole {
  const seconds = new Map<string, number>()
  for (const name of NODE_NAMES)
    for (const { role, cpuSeconds } of agentProcesses(cluster, name)) {
      const key = `${role}, ${name === ORIGIN ? 'origin' : 'others'}`
      seconds.set(key, (seconds.get(key) ?? 0) + cpuSeconds)
    }
  return seconds
}

/** What one of `count` units of work has cost each since `before`. */
export function costSamples(
  what: string,
  count: number,
  { before, after }: { readonly before: CpuByRole; readonly after: CpuByRole },
): Sample[] {
  return [...after].map(
    ([role, seconds]): Sample => ({
      what: `CPU per ${what}, ${role}`,
      value: ((seconds - (before.get(role) ?? 0)) / count) * 1e6,
      unit: 'µs',
    }),
  )
}

/** One agent and its children. */
export function agentProcesses(cluster: Cluster, name: NodeName): ProcessFigures[] {
  if (process.platform !== 'linux') return []
  const [root] = findProcesses(`agent --config ${join(cluster.folder, name)}/`)
  return root === undefined ? [] : processTree(root)
}
