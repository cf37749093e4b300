/**
 * LeaseKeeper: keeps this aggregator's tag in the global membership and the members in sight, and so its lease. The tag is
 * renewed every second as long as the program runs; it claims only while the regional agent is ready and no roll-up is
 * held. A stream of members that breaks, and a loop that stood still, end the claim until both are there again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { after, type Instant, type Millis, millis } from '@patina/base'
import type { Client, Member } from '@patina/client'
import { type Aggregator, aggregatorId, aggregatorsOf, tagKey, tagValue } from './aggregator-tag.ts'
import { Alarm } from './alarm.ts'
import { LEASE_MS, Lease, RENEW_MS, type Role, TICK_MS } from './lease.ts'

export interface LeaseKeeperOptions {
  readonly global: Pick<Client, 'watchMembers' | 'setTag' | 'deleteTag'>
  readonly region: string
  readonly name: string
  /** Where this aggregator answers. */
  readonly address: string
  /** May it claim: is what it would write whole? */
  readonly isFit: () => boolean
  /** `/readyz` of the regional agent. */
  readonly isReady: (signal: AbortSignal) => Promise<boolean>
  readonly now: () => Instant
  /** The role, the members or the time to write may have changed. */
  readonly changed: () => void
  readonly failed: (what: 'members' | 'tag', cause: unknown) => void
}

/** A request that takes longer is a failure: the lease would end before the next one. */
const ASK_MS = 2_000
const AGAIN_MS = 200
const WITHDRAW_MS = 1_000

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  readonly #lease: Lease
  #members: readonly Member[] = []
  #isReady = false
  /** Of the stream of members: aborted to look anew. */
  #sight = new AbortController()
  /** At the last tick. */
  #wrote = false
  readonly #renewal: Alarm

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
    this.#lease = new Lease(options.region, tagKey(options.name))
    this.#renewal = new Alarm(options.now)
  }

  /** As the global agent sees them; empty before the first list. */
  get members(): readonly Member[] {
    return this.#members
  }

  get aggregators(): readonly Aggregator[] {
    return aggregatorsOf(this.#members)
  }

  get isRegionReady(): boolean {
    return this.#isReady
  }

  role(): Role {
    return this.#lease.role(this.#options.now())
  }

  /** How long a write may take that begins now; undefined: it must not begin. */
  writeMs(): Millis | undefined {
    const now = this.#options.now()
    const until = this.#lease.writesUntil(now)
    // Timers take whole milliseconds.
    return until === undefined ? undefined : millis(Math.floor(until - now))
  }

  /** Whether it is fit may have changed: the tag says so at once. */
  look(): void {
    if (!this.#options.isFit()) this.#lease.yield(this.#options.now())
    this.#renewal.ring()
  }

  /** Resolves when the signal is aborted and the tag is withdrawn. */
  async run(signal: AbortSignal): Promise<void> {
    const ticks = setInterval(() => this.#tick(), TICK_MS)
    try {
      await Promise.all([this.#watch(signal), this.#renew(signal)])
    } finally {
      clearInterval(ticks)
      await this.#withdraw()
    }
  }

  #tick(): void {
    if (!this.#lease.tick(this.#options.now())) this.#sight.abort()
    const writes = this.writeMs() !== undefined
    if (writes !== this.#wrote) this.#options.changed()
    this.#wrote = writes
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { global, changed, failed, now } = this.#options
    while (!signal.aborted) {
      this.#sight = new AbortController()
      const sight = AbortSignal.any([signal, this.#sight.signal])
      try {
        for await (const members of global.watchMembers({ signal: sight, attemptsMax: 0 })) {
          this.#members = members
          this.#lease.saw(members)
          this.#refuseNamesake()
          changed()
        }
      } catch (cause) {
        this.#lease.lostSight(now())
        changed()
        if (!sight.aborted) failed('members', cause)
      }
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {})
    }
  }

  /** Two of one name at one agent would both take its tag for their own. */
  #refuseNamesake(): void {
    const { name, address, now, failed } = this.#options
    const self = this.#members.find((member) => member.self)
    const id = aggregatorId(self?.actor ?? '', tagKey(name))
    const other = this.aggregators.find((one) => one.id === id && one.address !== address)
    if (other === undefined) return
    this.#lease.yield(now())
    failed(
      'tag',
      new Error(`${other.address} has the same name ${name} at the same global agent; give each its own`),
    )
  }

  async #renew(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#renewOnce(signal)
      await this.#renewal.wait(after(this.#options.now(), RENEW_MS), signal)
    }
  }

  async #renewOnce(signal: AbortSignal): Promise<void> {
    const { global, region, name, address, isFit, isReady, now, changed, failed } = this.#options
    this.#isReady = await isReady(AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]))
    const claims = this.#isReady && isFit()
    const asked = now()
    if (!claims) this.#lease.yield(asked)
    try {
      const value = tagValue({ region, address, claims })
      const options = { leaseMs: LEASE_MS, signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]) }
      await global.setTag(tagKey(name), value, options)
      if (claims) this.#lease.claimed(asked, now())
    } catch (cause) {
      if (!signal.aborted) failed('tag', cause)
    }
    changed()
  }

  /** So that another takes over now and not when the lease ends. */
  async #withdraw(): Promise<void> {
    this.#lease.yield(this.#options.now())
    const signal = AbortSignal.timeout(WITHDRAW_MS)
    // It ends with its lease anyhow.
    await this.#options.global.deleteTag(tagKey(this.#options.name), { signal }).catch(() => {})
  }
}
