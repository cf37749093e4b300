/** Agents that know each other, and waiting for what they believe of each other. */
import type { TestContext } from 'node:test'
import { Cluster, type ClusterOptions, type RunningNode } from './cluster.ts'
import { waitUntil } from './wait-until.ts'

const MEMBERS_DEADLINE_MS = 60_000

/** Agents that see each other; removed with the test, whatever its end. */
export async function startCluster(t: TestContext, options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = new Cluster(options)
  t.after(() => cluster.remove())
  await cluster.start()
  const nodes = cluster.nodes()
  await Promise.all(nodes.map((node) => untilMembers(node, nodes.length)))
  return cluster
}

/** Waits until the node lists so many members as alive, itself included. */
export async function untilMembers(node: RunningNode, alive: number): Promise<void> {
  const what = `${node.name} lists ${alive} members as alive`
  await waitUntil({ what, deadlineMs: MEMBERS_DEADLINE_MS }, async () => {
    const members = await node.api.members()
    return members.filter(({ state }) => state === 'alive').length === alive ? true : undefined
  })
}

/** Waits until the node lists a member in this state. */
export async function untilListed(node: RunningNode, name: string, state: string): Promise<void> {
  const what = `${node.name} lists ${name} as ${state}`
  await waitUntil({ what, deadlineMs: MEMBERS_DEADLINE_MS }, async () => {
    const member = (await node.api.members()).find((candidate) => candidate.name === name)
    return member?.state === state ? true : undefined
  })
}
