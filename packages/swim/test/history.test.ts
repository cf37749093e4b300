/** Laws of any history: random kills, restarts, leaves, pauses and partitions under loss, from random seeds. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { MemberView } from '../src/index.ts'
import { Network, type Told } from './network.ts'

const NODES = 4
const node = fc.nat(NODES - 1)
const step = fc.oneof(
  fc.record({ what: fc.constant('kill' as const), node, streams: fc.boolean() }),
  fc.record({ what: fc.constant('start' as const), node }),
  fc.record({ what: fc.constant('leave' as const), node }),
  fc.record({ what: fc.constant('pause' as const), node, forMs: fc.nat(5_000) }),
  fc.record({ what: fc.constant('part' as const), bits: fc.nat(2 ** NODES - 1) }),
  fc.record({ what: fc.constant('heal' as const) }),
  fc.record({ what: fc.constant('run' as const), forMs: fc.nat(8_000) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

test('records only rise, no two ups and no two downs in a row, and all who run find together in the end', () => {
  const history = fc.tuple(fc.integer(), fc.array(step, { maxLength: 12 }))
  fc.assert(
    fc.property(history, ([seed, steps]) => {
      const network = new Network({ seed, lossPercent: 5 })
      network.startAll(NODES)
      network.run(1_000)
      for (const one of steps) {
        take(network, one)
        network.run(100)
      }
      settle(network)
      for (const told of byViewerAndMember(network.told)) checkHistory(told)
    }),
    { numRuns: 40 },
  )
})

function take(network: Network, one: Step): void {
  if (one.what === 'run') network.run(one.forMs)
  if (one.what === 'heal') network.heal()
  if (one.what === 'part') network.partition((at) => (one.bits >> at) & 1)
  if (one.what === 'pause') network.pause(one.node, one.forMs)
  if (one.what === 'leave') network.feed(one.node, { kind: 'leave' })
  if (one.what === 'kill') network.kill(one.node, { sessions: one.streams })
  if (one.what === 'start') restart(network, one.node)
}

/** A restarted node hears and says nothing of before; its view begins anew, so its notifications do too. */
function restart(network: Network, at: number): void {
  network.kill(at)
  network.told.splice(0, network.told.length, ...network.told.filter((told) => told.node !== at))
  network.start(at, [0, 1])
}

function settle(network: Network): void {
  network.heal()
  for (let at = 0; at < NODES; at += 1)
    if (!network.nodes().includes(at) || network.swim(at).self().state === 'left') restart(network, at)
  const took = network.runUntil(() => network.allUp(), 120_000)
  assert.ok(took !== undefined, 'not whole after two minutes')
}

function byViewerAndMember(told: readonly Told[]): Told[][] {
  const groups = new Map<string, Told[]>()
  for (const one of told) {
    if (!('member' in one.notification)) continue
    const key = `${one.node} ${one.notification.member.actor}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()]
}

function checkHistory(told: readonly Told[]): void {
  let before: MemberView | undefined
  let isUp: boolean | undefined
  for (const { notification } of told) {
    if (!('member' in notification)) continue
    const { kind, member } = notification
    if (before !== undefined)
      assert.ok(
        member.generation > before.generation ||
          (member.generation === before.generation && member.incarnation >= before.incarnation),
      )
    before = member
    if (kind === 'member-up') assert.notEqual(isUp, true, 'up twice')
    if (kind === 'member-down') assert.notEqual(isUp, false, 'down twice')
    if (kind === 'member-suspect' || kind === 'member-refuted')
      assert.equal(isUp, true, `${kind} of one not up`)
    if (kind === 'member-up') isUp = true
    if (kind === 'member-down' || kind === 'member-left') isUp = false
  }
}
