/**
 * MembershipTrials: what is done to the members of a real cluster, one trial after the other, and what the others say of
 * it: a killed agent, one that stands still, lost datagrams, none at all. Every `down` that no trial has earned is kept as
 * a mistake. The cluster is the caller's, behind proxies where datagrams are to be lost.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import { clusterKey, readClusterKeys, writeClusterKeys } from './cluster-files.ts'
import { type MemberEvent, MemberWatch } from './member-watch.ts'
import { untilMembers } from './membership.ts'
import { waitUntil } from './wait-until.ts'

export interface Recovery {
  /** From SIGCONT until each of the others lists it as alive. */
  readonly aliveMs: readonly number[]
  /** Those whom it held down itself. */
  readonly accused: readonly string[]
}

/** A `down` of this member, told in this time, is right. */
interface Earned {
  readonly name: string
  readonly fromMs: number
  untilMs: number
}

const DOWN_DEADLINE_MS = 60_000
const ALIVE_DEADLINE_MS = 60_000
/** What was told just before may still be under way. */
const AFTERMATH_MS = 2_000

export class MembershipTrials {
  readonly watch: MemberWatch = new MemberWatch()
  readonly #cluster: Cluster
  readonly #names: readonly string[]
  readonly #earned: Earned[] = []

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#names = cluster.nodes().map(({ name }) => name)
  }

  /** Waits until all know all, and listens from then on. */
  async begin(): Promise<void> {
    await this.#allKnowAll()
    for (const node of this.#cluster.nodes()) await this.watch.open(node)
  }

  /** SIGKILL of one agent: how long until each of the others says that it is down. Then it is started again. */
  async kill(name: string): Promise<number[]> {
    const earned = this.#earn(name)
    this.#cluster.process(name).kill()
    const tookMs = await this.#untilTold(name, 'down', earned.fromMs, DOWN_DEADLINE_MS)
    await this.#cluster.process(name).groupGone()
    this.#cluster.spawn(name)
    await this.#cluster.healthy(name)
    await this.#allKnowAll()
    earned.untilMs = performance.now() + AFTERMATH_MS
    await this.watch.open(this.#cluster.node(name))
    return tookMs
  }

  /** SIGSTOP of one agent meanwhile: how soon it is back everywhere, and whom it blamed. */
  async stop(name: string, meanwhile: () => Promise<unknown>): Promise<Recovery> {
    const earned = this.#earn(name)
    const process = this.#cluster.process(name)
    const logged = process.log().length
    process.pause()
    await meanwhile()
    process.resume()
    const resumedMs = performance.now()
    await waitUntil({ what: `all list ${name} again`, deadlineMs: ALIVE_DEADLINE_MS }, async () =>
      this.#observersOf(name).every((observer) => this.#lastTold(observer, name) !== 'down')
        ? true
        : undefined,
    )
    const aliveMs = this.#observersOf(name).map((observer) => {
      const wasDown = this.watch.firstTold(observer, name, 'down', earned.fromMs) !== undefined
      const at = this.watch.firstTold(observer, name, 'alive', resumedMs)
      return wasDown && at !== undefined ? at - resumedMs : 0
    })
    await this.#allKnowAll()
    earned.untilMs = performance.now() + AFTERMATH_MS
    const accused = [
      ...process
        .log()
        .slice(logged)
        .matchAll(/member down[^\n]*/g),
    ].map(([line]) => line)
    return { aliveMs, accused }
  }

  /**
   * The cluster gets another key, step by step, while one agent sleeps that knows only the old one until it is awake and
   * back: how soon it is. Then it learns the new key, and the old one goes.
   */
  async rotateKey(asleep: string, stepMs: number): Promise<Recovery> {
    const { folder } = this.#cluster
    const old = await readClusterKeys(folder)
    const fresh = clusterKey()
    const reload = async (keys: readonly string[], names: readonly string[]): Promise<void> => {
      await writeClusterKeys(folder, keys)
      for (const name of names) this.#cluster.process(name).reload()
      await pause(stepMs)
    }
    const recovery = await this.stop(asleep, async () => {
      await reload([...old, fresh], this.#observersOf(asleep))
      await reload([fresh, ...old], this.#observersOf(asleep))
    })
    await reload([fresh, ...old], [asleep])
    await reload([fresh], this.#names)
    await this.#allKnowAll()
    return recovery
  }

  /** This share of all datagrams is lost meanwhile; 1: all of them. */
  async losing<T>(share: number, run: () => Promise<T>): Promise<T> {
    this.#cluster.loseDatagrams(share)
    try {
      return await run()
    } finally {
      this.#cluster.healLinks()
    }
  }

  /** Downs that no trial has earned, of those told so far. */
  mistakes(): readonly MemberEvent[] {
    return this.watch.events.filter(
      ({ atMs, name, state }) =>
        state === 'down' &&
        !this.#earned.some((one) => one.name === name && one.fromMs <= atMs && atMs <= one.untilMs),
    )
  }

  /** Suspicions since then of members that nothing was done to. */
  suspicionsSince(sinceMs: number): number {
    return this.watch.events.filter(({ atMs, state }) => atMs >= sinceMs && state === 'suspect').length
  }

  close(): void {
    this.watch.close()
  }

  #earn(name: string): Earned {
    const earned = { name, fromMs: performance.now(), untilMs: Number.POSITIVE_INFINITY }
    this.#earned.push(earned)
    return earned
  }

  #observersOf(name: string): string[] {
    return this.#names.filter((other) => other !== name)
  }

  #lastTold(observer: string, name: string): MemberEvent['state'] | undefined {
    return this.watch.events.findLast((event) => event.observer === observer && event.name === name)?.state
  }

  async #untilTold(
    name: string,
    state: MemberEvent['state'],
    sinceMs: number,
    deadlineMs: number,
  ): Promise<number[]> {
    const told = (): (number | undefined)[] =>
      this.#observersOf(name).map((observer) => this.watch.firstTold(observer, name, state, sinceMs))
    const all = await waitUntil({ what: `all say ${name} is ${state}`, deadlineMs }, async () => {
      const times = told()
      return times.every((at) => at !== undefined) ? (times as number[]) : undefined
    })
    return all.map((at) => at - sinceMs)
  }

  async #allKnowAll(): Promise<void> {
    await Promise.all(this.#cluster.nodes().map((node) => untilMembers(node, this.#names.length)))
  }
}
