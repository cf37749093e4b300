/**
 * Fleet: the reference fleet, deterministic by its seed. At full scale 30 regions, 100,000 apps (Zipf, s = 1.1),
 * 1 M instances, 1,000 hosts of which the largest has 5,000 instances; changes are 80 % of state, 10 % new instances,
 * 10 % instances that go. A smaller fleet keeps the proportions. Rows and changes are iterators: a fleet of any size
 * needs memory only for its tables of apps and hosts, and, once changes are drawn, four bytes for each living instance.
 */
import { assert, Prng } from '@patina/base'
import {
  appName,
  hostName,
  MACHINE_STATES,
  type Machine,
  type MachineState,
  machineAddress,
  machineId,
} from './machine.ts'
import { REGIONS } from './regions.ts'
import { Zipf } from './zipf.ts'

export interface FleetOptions {
  readonly seed: number
  /** Scale; 1,000,000 by default, 10,000 in the demo. */
  readonly instances?: number
}

export type Change =
  | { readonly kind: 'state'; readonly id: string; readonly state: MachineState; readonly updated: number }
  | { readonly kind: 'new'; readonly machine: Machine }
  | { readonly kind: 'gone'; readonly id: string }

const REGION_COUNT = 30
const INSTANCES_PER_APP = 10
const INSTANCES_PER_HOST = 1_000
const APP_EXPONENT = 1.1
/** With 1,000 hosts the largest gets 1 / Σ rank^−0.28 = 1 / 200 of the instances: 5,000 of 1 M. */
const HOST_EXPONENT = 0.28
/** 1 January 2026: a fixed origin, because the fleet is the same on every day. */
const ORIGIN_MS = 1_767_225_600_000
const SERIAL_MAX = 2 ** 32

export class Fleet {
  readonly instances: number
  readonly #seed: number
  readonly #apps: Zipf
  readonly #hosts: Zipf
  /** Region of each host, by rank. */
  readonly #regionOfHost: readonly string[]

  constructor({ seed, instances = 1_000_000 }: FleetOptions) {
    assert(
      Number.isInteger(instances) && instances >= 1 && instances <= 50_000_000,
      `not a scale: ${instances}`,
    )
    this.instances = instances
    this.#seed = seed
    const hosts = Math.max(REGION_COUNT, Math.ceil(instances / INSTANCES_PER_HOST))
    this.#apps = new Zipf(Math.max(1, Math.ceil(instances / INSTANCES_PER_APP)), APP_EXPONENT)
    this.#hosts = new Zipf(hosts, HOST_EXPONENT)
    const order = new Prng(seed).shuffle(REGIONS.slice(0, REGION_COUNT).map(({ region }) => region))
    this.#regionOfHost = Array.from({ length: hosts }, (_, rank) => order[rank % order.length] as string)
  }

  /** The fleet at its start: `instances` rows, always the same ones. */
  *rows(): IterableIterator<Machine> {
    for (let serial = 0; serial < this.instances; serial += 1) yield this.#machine(serial)
  }

  /** What happens from the start on, without end; every change is possible on the rows as they are then. */
  *changes(): IterableIterator<Change> {
    const prng = new Prng(this.#seed ^ 0x5eed)
    const living = Array.from({ length: this.instances }, (_, serial) => serial)
    for (let serial = this.instances, moment = 1; serial < SERIAL_MAX; moment += 1) {
      const roll = prng.below(10)
      if (roll === 0 || living.length === 0) {
        living.push(serial)
        yield { kind: 'new', machine: this.#machine(serial) }
        serial += 1
      } else if (roll === 1) yield { kind: 'gone', id: this.#idOf(removeAny(living, prng)) }
      else {
        const id = this.#idOf(prng.pick(living))
        const state = prng.pick(MACHINE_STATES)
        // The time is a new one, so that the row changes even where the state was this one before.
        yield { kind: 'state', id, state, updated: ORIGIN_MS + this.instances + moment }
      }
    }
  }

  /** A row depends on the seed and its serial number alone, so that rows need not be remembered. */
  #machine(serial: number): Machine {
    const prng = this.#prngOf(serial)
    const id = machineId(serial, prng)
    const host = this.#hosts.draw(prng)
    const region = this.#regionOfHost[host] as string
    return {
      id,
      app: appName(this.#apps.draw(prng)),
      region,
      node: hostName(region, host),
      addr: machineAddress(host, prng),
      port: prng.between(1_024, 65_535),
      state: prng.chance(9, 10) ? 'started' : 'stopped',
      updated: ORIGIN_MS + serial,
    }
  }

  #idOf(serial: number): string {
    return machineId(serial, this.#prngOf(serial))
  }

  #prngOf(serial: number): Prng {
    return new Prng(Math.imul(this.#seed, 0x9e3779b1) ^ Math.imul(serial + 1, 0x85ebca6b))
  }
}

/** Takes one out of the list; the last one fills its place. */
function removeAny(living: number[], prng: Prng): number {
  const at = prng.below(living.length)
  const taken = living[at] as number
  living[at] = living.at(-1) as number
  living.pop()
  return taken
}
