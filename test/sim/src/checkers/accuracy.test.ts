import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultConfig, type MemberState, type MemberView, type Notification } from '@patina/swim'
import { EPOCH_MS, Fleet } from '../fleet.ts'
import { localLatency } from '../latency.ts'
import { SwimProgram } from '../swim-program.ts'
import { Views } from '../views.ts'
import { World } from '../world.ts'
import { AccuracyChecker } from './accuracy.ts'
import { RuleChecker } from './rules.ts'

/** A fleet of three whose notifications are played by the test. */
class Played {
  readonly world = new World(1)
  readonly fleet: Fleet
  readonly accuracy: AccuracyChecker
  readonly rules: RuleChecker
  readonly #hears: (observer: number, notification: Notification) => void

  constructor() {
    const program = new SwimProgram(this.world, defaultConfig, () => EPOCH_MS)
    this.fleet = new Fleet({ world: this.world, nodes: 3, latency: localLatency(1, 1), program })
    const watchers: ((observer: number, notification: Notification) => void)[] = []
    const { fleet } = this
    const watch = fleet.watch.bind(fleet)
    fleet.watch = (watcher) => {
      watchers.push((observer, notification) => watcher.notified?.(fleet.host(observer), notification))
      watch(watcher)
    }
    const views = new Views(fleet)
    this.rules = new RuleChecker(fleet)
    this.accuracy = new AccuracyChecker(fleet, views)
    for (const host of fleet.hosts) fleet.start(host, [])
    this.#hears = (observer, notification) => {
      for (const one of watchers) one(observer, notification)
    }
  }

  say(
    kind: 'member-up' | 'member-suspect' | 'member-refuted' | 'member-down',
    about: number,
    incarnation = 0,
  ): void {
    const states: { readonly [kind: string]: MemberState } = {
      'member-suspect': 'suspect',
      'member-down': 'down',
    }
    const { actor, address, generation } = this.fleet.host(about)
    const metadata = { name: '', region: '', apiAddress: '', tags: {} }
    const member: MemberView = {
      actor,
      address,
      generation,
      incarnation,
      state: states[kind] ?? 'alive',
      metadata,
      rttMs: undefined,
      sinceMs: 0,
    }
    this.#hears(0, { kind, member, accuser: actor } as Notification)
  }

  figure(name: string): number | undefined {
    return new Map([...this.accuracy.figures(60_000), ...this.rules.figures()]).get(name)
  }
}

test('down is a mistake about who runs, and none about who is gone', () => {
  const played = new Played()
  played.say('member-up', 1)
  played.say('member-down', 1)
  assert.deepEqual([played.figure('downs'), played.figure('downs_of_healthy')], [1, 1])
  played.fleet.kill(played.fleet.host(2), 'power')
  played.say('member-down', 2)
  assert.deepEqual([played.figure('downs'), played.figure('downs_of_live')], [2, 1])
})

test('who stalls is no healthy member, but a live one', () => {
  const played = new Played()
  played.fleet.stall(played.fleet.host(1), { forMs: 1_000, order: 'input-first', clock: 'runs' })
  played.say('member-down', 1)
  assert.deepEqual([played.figure('downs_of_healthy'), played.figure('downs_of_live')], [0, 1])
})

test('one suspicion a member and incarnation, and how long until it is refuted', () => {
  const played = new Played()
  played.say('member-suspect', 1)
  played.say('member-suspect', 1)
  played.world.run(500)
  played.say('member-refuted', 1, 1)
  played.say('member-suspect', 1, 1)
  assert.equal(played.figure('suspects_of_healthy'), 2)
  assert.equal(played.figure('suspects_per_node_minute'), 2 / 3)
  assert.equal(played.figure('refuted.p99_ms'), 500)
})

test('an up of somebody who is gone is told', () => {
  const played = new Played()
  played.fleet.kill(played.fleet.host(1), 'power')
  played.say('member-up', 1)
  assert.equal(played.figure('ups_of_gone'), 1)
})

test('two ups, two downs and a record that falls are breaches', () => {
  const played = new Played()
  played.say('member-up', 1, 3)
  assert.equal(played.figure('rule_breaches'), 0)
  played.say('member-up', 1, 3)
  assert.equal(played.figure('rule_breaches'), 1)
  played.say('member-refuted', 1, 2)
  assert.equal(played.figure('rule_breaches'), 2)
  played.say('member-down', 1, 3)
  played.say('member-down', 1, 3)
  assert.equal(played.figure('rule_breaches'), 3)
})
