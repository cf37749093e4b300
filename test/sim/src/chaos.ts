/**
 * Chaos: faults that nobody thought of together. For a while one fault after the other begins, each at a time, on nodes and
 * for as long as the seed says; all have ended when the time is over, so that what must hold then can be asked for.
 */
import { oneWay, partition } from './cuts.ts'
import { RANK } from './event-heap.ts'
import type { Fleet } from './fleet.ts'
import type { Host } from './host.ts'
import { PPM } from './network.ts'

export interface Chaos {
  readonly forMs: number
  /** Mean time between two beginnings. */
  readonly everyMs: number
}

/** Joins a host to the fleet again; `wiped` with an empty disk. */
export type Restart = (host: Host, wiped: boolean) => void

const FAULT_MS: readonly [number, number] = [300, 30_000]
const STALL_MS_MAX = 8_000
const LOSS_PERCENT_MAX = 30
const WALL_STEP_MS = 3_600_000
/** Of all restarts, one in this many has an empty disk; and no more than this share of the nodes. */
const WIPED_ONE_IN = 10

export class ChaosMaker {
  readonly #fleet: Fleet
  readonly #restart: Restart
  readonly #endAt: number
  readonly #everyMs: number
  #faults = 0
  #wiped = 0

  /** Begins now. */
  constructor(fleet: Fleet, { forMs, everyMs }: Chaos, restart: Restart) {
    this.#fleet = fleet
    this.#restart = restart
    this.#everyMs = everyMs
    this.#endAt = fleet.world.now + forMs
    this.#next()
  }

  #next(): void {
    const { world } = this.#fleet
    const at = world.now + 1 + world.prng.below(2 * this.#everyMs)
    if (at >= this.#endAt) return
    world.at(at, RANK.step, () => {
      this.#faults += 1
      this.#begin(`chaos ${this.#faults}`)
      this.#next()
    })
  }

  #begin(name: string): void {
    const { world } = this.#fleet
    const [host] = world.prng.sample(this.#fleet.running(), 1)
    if (host === undefined) return
    switch (world.prng.below(8)) {
      case 0:
      case 1:
        this.#kill(host)
        break
      case 2:
        this.#stall(host)
        break
      case 3:
        this.#split(name)
        break
      case 4:
        this.#cutOneWay(name, host)
        break
      case 5:
        this.#lose()
        break
      case 6:
        host.wallOffsetMs += world.prng.between(-WALL_STEP_MS, WALL_STEP_MS)
        break
      default:
        this.#breakSession(host)
    }
  }

  #kill(host: Host): void {
    const { world } = this.#fleet
    this.#fleet.kill(host, world.prng.chance(1, 2) ? 'power' : 'process')
    const wiped = this.#wiped < this.#fleet.hosts.length / WIPED_ONE_IN && world.prng.chance(1, WIPED_ONE_IN)
    if (wiped) this.#wiped += 1
    this.#later(() => {
      host.troubledAt = world.now
      this.#restart(host, wiped)
    })
  }

  #stall(host: Host): void {
    const { world } = this.#fleet
    const forMs = Math.min(1 + world.prng.below(STALL_MS_MAX), this.#endAt - world.now)
    this.#fleet.stall(host, { forMs, order: 'input-first', clock: 'runs' })
  }

  #split(name: string): void {
    const { world, hosts } = this.#fleet
    const side = world.prng.sample(hosts, world.prng.between(1, Math.max(1, hosts.length - 1)))
    this.#cut(name, hosts, partition(new Set(side.map(({ node }) => node))))
  }

  #cutOneWay(name: string, from: Host): void {
    const { world, hosts } = this.#fleet
    const to = world.prng.sample(hosts, world.prng.between(1, hosts.length))
    this.#cut(name, hosts, oneWay(new Set([from.node]), new Set(to.map(({ node }) => node))))
  }

  #cut(name: string, troubled: readonly Host[], cuts: (from: number, to: number) => boolean): void {
    this.#fleet.cut({ name, cuts })
    for (const host of troubled) host.troubledAt = Number.POSITIVE_INFINITY
    this.#later(() => {
      this.#fleet.heal(name)
      for (const host of troubled) host.troubledAt = this.#fleet.world.now
    })
  }

  /** Of two that overlap, the end of the first ends both. */
  #lose(): void {
    const { world, network } = this.#fleet
    const before = network.faults
    network.faults = { ...before, lossPpm: (world.prng.below(LOSS_PERCENT_MAX) * PPM) / 100 }
    this.#later(() => {
      network.faults = { ...network.faults, lossPpm: 0 }
    })
  }

  #breakSession(host: Host): void {
    const { world } = this.#fleet
    for (const peer of world.prng.sample(this.#fleet.running(), 1))
      if (peer !== host) this.#fleet.streams.break(host.node, peer.node)
  }

  /** After a fault's time, and before all is over. */
  #later(run: () => void): void {
    const { world } = this.#fleet
    const at = Math.min(this.#endAt, world.now + world.prng.between(...FAULT_MS))
    world.at(at, RANK.step, run)
  }
}
