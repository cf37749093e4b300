/** Two regions with a line between them that loses packets, is slow, and is cut for a while: real network namespaces. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Cluster,
  regionsRefusal,
  sameContent,
  TwoRegions,
  untilEqual,
  untilListed,
  untilMembers,
} from '@patina/test-cluster'

const REGIONS = { a: ['a1', 'a2'], b: ['b1', 'b2'] } as const
const NAMES = [...REGIONS.a, ...REGIONS.b]
const WRITES = 50
const refusal = regionsRefusal()

test('two regions over a bad line agree, nobody is called down for it, and a cut of the line heals', {
  skip: refusal ?? false,
}, async (t) => {
  const regions = new TwoRegions(REGIONS)
  const cluster = new Cluster({ names: NAMES, places: regions.places })
  t.after(async () => {
    await cluster.remove()
    regions.remove()
  })
  t.diagnostic(regions.shape())
  await cluster.start()
  await Promise.all(cluster.nodes().map((node) => untilMembers(node, NAMES.length)))

  await writeAll(cluster, 'before')
  await untilEqual(cluster.nodes(), NAMES.length * WRITES)
  for (const name of NAMES) assert.doesNotMatch(cluster.process(name).log(), /member down/)

  regions.cut()
  await Promise.all([
    ...REGIONS.a.flatMap((name) => REGIONS.b.map((other) => untilListed(cluster.node(name), other, 'down'))),
    ...REGIONS.b.flatMap((name) => REGIONS.a.map((other) => untilListed(cluster.node(name), other, 'down'))),
  ])
  await writeAll(cluster, 'apart')
  await untilEqual([cluster.node('a1'), cluster.node('a2')], (NAMES.length + REGIONS.a.length) * WRITES)
  await untilEqual([cluster.node('b1'), cluster.node('b2')], (NAMES.length + REGIONS.b.length) * WRITES)

  regions.heal()
  const healedMs = performance.now()
  await Promise.all(cluster.nodes().map((node) => untilMembers(node, NAMES.length)))
  await untilEqual(cluster.nodes(), 2 * NAMES.length * WRITES)
  await sameContent(cluster.nodes())
  t.diagnostic(`equal ${((performance.now() - healedMs) / 1_000).toFixed(1)} s after the line was back`)
})

/** So many rows at each agent, and one that all of them write. */
async function writeAll(cluster: Cluster, when: string): Promise<void> {
  const insert = 'INSERT INTO machines (id, app, region) VALUES (?, ?, ?)'
  await Promise.all(
    cluster.nodes().map(async ({ name, api }) => {
      for (let i = 0; i < WRITES; i += 1) {
        await api.execute([
          [insert, [`${name}-${when}-${i}`, when, name]],
          ['UPDATE machines SET state = ? WHERE id LIKE ?', [name, '%-before-0']],
        ])
      }
    }),
  )
}
