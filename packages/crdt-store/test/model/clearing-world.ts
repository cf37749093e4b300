/**
 * A small random world of the rules of clearing, without SQL: nodes write cells, a version goes from the log when all its
 * cells are beaten, and peers that ask for it are told so. Nodes die for good with what only they held; messages are late or
 * lost; claims are forgotten at restarts. The rule by which a claim is believed is a parameter, so that the simpler rules
 * can be seen to fail.
 */
import {
  type ActorId,
  type ActorVersions,
  actorId,
  Prng,
  type Range,
  RangeSet,
  type Version,
} from '@patina/base'
import { type Claim, type PendingClaim, settleClaims } from '../../src/core/pending-claims.ts'

/** `basis`: ours. `at-once`: whoever says cleared is believed. `all-or-none`: claims close only all together. */
export type Belief = 'basis' | 'at-once' | 'all-or-none'

interface WrittenCell {
  readonly cell: number
  readonly columnVersion: number
  readonly value: number
}

export interface Written {
  readonly actor: ActorId
  readonly version: Version
  readonly cells: readonly WrittenCell[]
}

type Winner = WrittenCell & { readonly actor: ActorId; readonly version: Version }

const CELLS = 3
const RANGES_MAX = 1_000

export class WorldNode {
  readonly actor: ActorId
  readonly have = new Map<ActorId, RangeSet<Version>>()
  readonly winners = new Map<number, Winner>()
  readonly #log = new Map<string, Written>()
  readonly #belief: Belief
  #pending: readonly PendingClaim[] = []

  constructor(actor: ActorId, belief: Belief) {
    this.actor = actor
    this.#belief = belief
  }

  write(cells: ReadonlySet<number>, value: number): Written {
    const version = ((this.#heldOf(this.actor).last() ?? 0) + 1) as Version
    const written = [...cells].map((cell) => ({
      cell,
      columnVersion: 1 + (this.winners.get(cell)?.columnVersion ?? 0),
      value,
    }))
    const made = { actor: this.actor, version, cells: written }
    this.receive([made])
    return made
  }

  receive(versions: readonly Written[], claim?: Claim): void {
    for (const each of versions) this.#apply(each)
    if (claim !== undefined || this.#pending.length > 0) this.#settle(claim)
  }

  /** Everything that `other` lacks of what is held here, as entries or as a claim. `tells`: chance that an entry goes. */
  serve(
    other: WorldNode,
    prng: Prng,
    tells: number,
  ): { readonly versions: Written[]; readonly claim: Claim } {
    const versions: Written[] = []
    const cleared: ActorVersions[] = []
    for (const [actor, held] of this.have)
      for (const version of numbers(other.wanted(actor, held))) {
        const entry = this.#log.get(`${actor}/${version}`)
        if (entry === undefined) cleared.push({ actor, versions: [{ first: version, last: version }] })
        else if (prng.chance(tells, 100)) versions.push(entry)
      }
    const basis = [...this.have].map(([actor, held]) => ({ actor, versions: [...held] as Range<Version>[] }))
    return { versions, claim: { cleared: cleared.filter(() => prng.chance(tells, 100)), basis } }
  }

  restart(): void {
    this.#pending = []
  }

  /** Of what a peer holds, what is asked for. */
  wanted(actor: ActorId, versions: RangeSet<Version>): RangeSet<Version> {
    return this.lacked(actor, versions)
  }

  lacked(actor: ActorId, versions: RangeSet<Version>): RangeSet<Version> {
    return versions.subtract(this.#heldOf(actor))
  }

  held(): string {
    return [...this.have]
      .filter(([, held]) => !held.isEmpty())
      .map(([actor, held]) => `${actor} ${held}`)
      .sort()
      .join('; ')
  }

  content(): string {
    const shown = [...this.winners.values()].sort((a, b) => a.cell - b.cell)
    return shown.map((w) => `${w.cell}: ${w.value} by ${w.actor.slice(-1)}/${w.version}`).join('; ')
  }

  #apply({ actor, version, cells }: Written): void {
    if (this.#heldOf(actor).has(version)) return
    this.#heldOf(actor).add(version)
    for (const cell of cells) {
      const known = this.winners.get(cell.cell)
      const incoming = { ...cell, actor, version }
      if (known === undefined || compare(incoming, known) > 0) this.winners.set(cell.cell, incoming)
    }
    this.#log.set(`${actor}/${version}`, { actor, version, cells })
    const live = new Set([...this.winners.values()].map((w) => `${w.actor}/${w.version}`))
    for (const name of this.#log.keys()) if (!live.has(name)) this.#log.delete(name)
  }

  #settle(claim: Claim | undefined): void {
    if (this.#belief === 'at-once') {
      for (const { actor, versions } of claim?.cleared ?? []) this.#heldOf(actor).addAll(versions)
      return
    }
    const context = {
      lacked: (actor: ActorId, v: RangeSet<Version>) => this.lacked(actor, v),
      rangesMax: RANGES_MAX,
    }
    const { held, pending } = settleClaims(this.#pending, claim, context)
    if (this.#belief === 'all-or-none' && pending.length > 0) {
      this.#pending = [
        ...this.#pending,
        ...settleClaims([], claim, { ...context, lacked: (_, v) => v }).pending,
      ]
      return
    }
    for (const [actor, versions] of held) this.#heldOf(actor).addAll(versions)
    this.#pending = pending
  }

  #heldOf(actor: ActorId): RangeSet<Version> {
    const held = this.have.get(actor) ?? new RangeSet<Version>()
    this.have.set(actor, held)
    return held
  }
}

/** What went wrong in the world of a seed; undefined where nothing did. */
export function runWorld(seed: number, belief: Belief): string | undefined {
  const prng = new Prng(seed)
  let alive = ['a', 'b', 'c', 'd'].map((name) => new WorldNode(actorId(name.padStart(32, '0')), belief))
  const late: { readonly to: WorldNode; readonly entry: Written }[] = []
  const pick = (): WorldNode => prng.pick(alive)
  for (let step = 0; step < 60; step += 1) {
    const [node, what] = [pick(), prng.below(100)]
    if (what < 45) {
      const cells = new Set(Array.from({ length: prng.between(1, 2) }, () => prng.below(CELLS)))
      const entry = node.write(cells, prng.below(3))
      for (const to of alive) if (to !== node && prng.chance(1, 3)) late.push({ to, entry })
    } else if (what < 65 && late.length > 0) {
      const [{ to, entry }] = late.splice(prng.below(late.length), 1) as [(typeof late)[0]]
      to.receive([entry])
    } else if (what < 93) {
      const { versions, claim } = pick().serve(node, prng, prng.chance(1, 2) ? 100 : 50)
      node.receive(versions, claim)
    } else if (what < 96) node.restart()
    else if (alive.length > 2) alive = alive.filter((other) => other !== node)
    const fault = differing(alive)
    if (fault !== undefined) return `seed ${seed}, step ${step}: ${fault}`
  }
  return quiet(alive, prng) ?? undefined
}

/** When nobody writes any more, two rounds of exchanges make all equal. */
function quiet(alive: readonly WorldNode[], prng: Prng): string | undefined {
  for (let round = 0; round < 2; round += 1)
    for (const to of alive)
      for (const from of alive) {
        const { versions, claim } = from.serve(to, prng, 100)
        to.receive(versions, claim)
      }
  if (new Set(alive.map((node) => node.held())).size > 1)
    return `the living do not come to equal knowledge: ${alive.map((node) => node.held()).join(' | ')}`
  return differing(alive)
}

/** I-CRDT-3: equal knowledge, equal winners. */
export function differing(alive: readonly WorldNode[]): string | undefined {
  const seen = new Map<string, string>()
  for (const node of alive) {
    const content = seen.get(node.held()) ?? node.content()
    if (content !== node.content()) return `${node.held()}: ${content} and ${node.content()}`
    seen.set(node.held(), content)
  }
  return undefined
}

function compare(a: Winner, b: Winner): number {
  const byVersion = a.columnVersion - b.columnVersion || a.value - b.value
  return byVersion || (a.actor === b.actor ? a.version - b.version : a.actor < b.actor ? -1 : 1)
}

export function* numbers(set: RangeSet<Version>): Iterable<Version> {
  for (const { first, last } of set) for (let v: number = first; v <= last; v += 1) yield v as Version
}
