/**
 * A small random world of versions that nobody has any more, without SQL: some versions come in two parts, origins die before
 * both are everywhere, operators declare lost what their node lacks, and nodes that were away come back with what everybody
 * else gave up. Built on the world of clearing, so that claims and their bases take part. What a declaration means is a
 * parameter, so that the simpler rules can be seen to fail.
 */
import { type ActorId, type ActorVersions, actorId, Prng, RangeSet, type Version } from '@patina/base'
import type { Claim } from '../../src/core/pending-claims.ts'
import { differing, numbers, WorldNode, type Written } from './clearing-world.ts'

/**
 * `apart`: ours, a set of its own that only says what is not missed. `held`: lost counts as held. `refused`: what is lost is
 * taken from nobody. `covers`: claims may rest on what is lost. `untold`: each operator for the own node.
 */
export type Meaning = 'apart' | 'held' | 'refused' | 'covers' | 'untold'

const PARTS = 2
const STEPS = 70

export class LostNode extends WorldNode {
  readonly lost = new Map<ActorId, RangeSet<Version>>()
  readonly #heads = new Map<ActorId, number>()
  /** Parts of versions that are not whole, by version. */
  readonly #parts = new Map<string, Map<number, Written>>()
  readonly #meaning: Meaning
  /** All that were told; only for `covers`. */
  readonly #claims: Claim[] = []

  constructor(actor: ActorId, meaning: Meaning) {
    super(actor, 'basis')
    this.#meaning = meaning
  }

  override wanted(actor: ActorId, versions: RangeSet<Version>): RangeSet<Version> {
    const lacked = this.lacked(actor, versions)
    return this.#meaning === 'refused' ? lacked.subtract(setOf(this.lost, actor)) : lacked
  }

  take(entry: Written): void {
    this.#heardOf(entry.actor, entry.version)
    if (this.#meaning === 'refused' && setOf(this.lost, entry.actor).has(entry.version)) return
    this.receive([entry])
  }

  takePart(entry: Written, part: number): void {
    this.#heardOf(entry.actor, entry.version)
    if (setOf(this.have, entry.actor).has(entry.version)) return
    const name = nameOf(entry)
    const parts = this.#parts.get(name) ?? new Map<number, Written>()
    this.#parts.set(name, parts.set(part, entry))
    if (parts.size < PARTS) return
    this.#parts.delete(name)
    this.take(entry)
  }

  /** A whole exchange in one direction. `tells`: chance in percent that an entry, a claim or a part goes. */
  learnFrom(from: LostNode, prng: Prng, tells: number): void {
    for (const [actor, head] of from.#heads) this.#heardOf(actor, head)
    if (this.#meaning !== 'untold') this.declare([...from.lost].map(toPlain))
    for (const parts of from.#parts.values())
      for (const [part, entry] of parts) {
        // Parts of what is given up are not asked for; whole versions are.
        const isLost = setOf(this.lost, entry.actor).has(entry.version)
        if (!isLost && prng.chance(tells, 100)) this.takePart(entry, part)
      }
    const { versions, claim } = from.serve(this, prng, tells)
    for (const entry of versions) this.take(entry)
    this.believe(claim)
  }

  believe(claim: Claim): void {
    if (this.#meaning === 'covers') this.#claims.push(claim)
    this.receive([], claim)
  }

  /** An operator, here or elsewhere: what is held is not lost, and parts of what is lost go. */
  declare(lost: readonly ActorVersions[]): void {
    for (const { actor, versions } of lost) {
      const news = this.lacked(actor, RangeSet.of(versions)).subtract(setOf(this.lost, actor))
      for (const version of numbers(news)) this.#parts.delete(`${actor}/${version}`)
      if (this.#meaning === 'held') setOf(this.have, actor).addAll(news)
      else setOf(this.lost, actor).addAll(news)
    }
    if (this.#meaning === 'covers') this.#coverClaims()
  }

  /** Known of, neither held nor given up. */
  missing(): ActorVersions[] {
    return [...this.#heads].flatMap(([actor, head]) => {
      const held = setOf(this.have, actor)
      const missing = held.missingIn(1 as Version, head as Version).subtract(setOf(this.lost, actor))
      return missing.isEmpty() ? [] : [{ actor, versions: [...missing] }]
    })
  }

  override write(cells: ReadonlySet<number>, value: number): Written {
    const made = super.write(cells, value)
    this.#heardOf(made.actor, made.version)
    return made
  }

  /** What a peer compares: what is held, and what is given up and not held. */
  known(): string {
    const lost = [...this.lost].flatMap(([actor, versions]) => {
      const rest = versions.subtract(setOf(this.have, actor))
      return rest.isEmpty() ? [] : [`${actor} ${rest}`]
    })
    return `${this.held()} without ${lost.sort().join('; ')}`
  }

  /** What is lost need not be held for a claim to be believed, also for one that has waited for it. */
  #coverClaims(): void {
    for (const { cleared, basis } of this.#claims) {
      const rest = basis.map(({ actor, versions }) => ({
        actor,
        versions: [...RangeSet.of(versions).subtract(setOf(this.lost, actor))],
      }))
      this.receive([], { cleared, basis: rest })
    }
  }

  #heardOf(actor: ActorId, version: number): void {
    this.#heads.set(actor, Math.max(this.#heads.get(actor) ?? 0, version))
  }
}

/** What went wrong in the world of a seed; undefined where nothing did. */
export function runLostWorld(seed: number, meaning: Meaning): string | undefined {
  const world = new LostWorld(seed, meaning)
  for (let step = 0; step < STEPS; step += 1) {
    world.step()
    const fault = differing(world.alive)
    if (fault !== undefined) return `seed ${seed}, step ${step}: ${fault}`
  }
  // First those who are left among themselves; then with everybody back who was only away.
  const fault = world.settle() ?? world.return()
  return fault === undefined ? undefined : `seed ${seed}: ${fault}`
}

class LostWorld {
  alive: LostNode[]
  readonly #away: LostNode[] = []
  readonly #late: { readonly to: LostNode; readonly entry: Written; readonly part: number | undefined }[] = []
  readonly #prng: Prng
  readonly #large = new Set<string>()

  constructor(seed: number, meaning: Meaning) {
    this.#prng = new Prng(seed)
    this.alive = ['a', 'b', 'c', 'd', 'e'].map(
      (name) => new LostNode(actorId(name.padStart(32, '0')), meaning),
    )
  }

  step(): void {
    const prng = this.#prng
    const [node, what] = [this.#pick(), prng.below(100)]
    if (what < 40) this.#write(node)
    else if (what < 58) this.#deliver()
    else if (what < 84) node.learnFrom(this.#pick(), prng, prng.chance(1, 2) ? 100 : 50)
    else if (what < 87) node.restart()
    else if (what < 92) this.#giveUp(node)
    else if (what < 95 && this.#away.length > 0) this.alive.push(this.#away.pop() as LostNode)
    else if (this.alive.length > 2) {
      this.alive = this.alive.filter((other) => other !== node)
      if (prng.chance(2, 3)) this.#away.push(node)
    }
  }

  /** Nobody writes any more, and one operator gives up what is still missing: all are equal, and nobody misses anything. */
  settle(): string | undefined {
    this.#exchangeAll()
    const [first] = this.alive as [LostNode]
    first.declare(first.missing())
    this.#exchangeAll()
    const fault = differing(this.alive)
    if (fault !== undefined) return fault
    const known = new Set(this.alive.map((node) => node.known()))
    if (known.size > 1) return `the living do not come to equal knowledge: ${[...known].join(' | ')}`
    const missing = this.alive.find((node) => node.missing().length > 0)
    return missing === undefined
      ? undefined
      : `${missing.actor} misses something for ever: ${missing.known()}`
  }

  return(): string | undefined {
    this.alive.push(...this.#away.splice(0))
    return this.settle()
  }

  #exchangeAll(): void {
    for (let round = 0; round < 3; round += 1)
      for (const to of this.alive)
        for (const from of this.alive) if (from !== to) to.learnFrom(from, this.#prng, 100)
  }

  #write(node: LostNode): void {
    const prng = this.#prng
    const cells = new Set(Array.from({ length: prng.between(1, 2) }, () => prng.below(3)))
    const entry = node.write(cells, prng.below(3))
    const isLarge = prng.chance(1, 3)
    if (isLarge) this.#large.add(nameOf(entry))
    for (const to of this.alive) {
      if (to === node) continue
      for (const part of isLarge ? [0, 1] : [undefined])
        if (prng.chance(1, 3)) this.#late.push({ to, entry, part })
    }
  }

  #deliver(): void {
    const [message] = this.#late.splice(this.#prng.below(Math.max(1, this.#late.length)), 1)
    if (message === undefined || !this.alive.includes(message.to)) return
    const { to, entry, part } = message
    if (part === undefined) to.take(entry)
    else to.takePart(entry, part)
  }

  /** All that the node misses, or a part of it; another operator may do the same elsewhere before either is heard of. */
  #giveUp(node: LostNode): void {
    const prng = this.#prng
    const lost = node.missing().map(({ actor, versions }) => ({
      actor,
      versions: versions.filter(() => prng.chance(2, 3)),
    }))
    node.declare(lost)
  }

  #pick(): LostNode {
    return this.alive[this.#prng.below(this.alive.length)] as LostNode
  }
}

function toPlain([actor, versions]: [ActorId, RangeSet<Version>]): ActorVersions {
  return { actor, versions: [...versions] }
}

function setOf(sets: Map<ActorId, RangeSet<Version>>, actor: ActorId): RangeSet<Version> {
  const known = sets.get(actor) ?? new RangeSet<Version>()
  sets.set(actor, known)
  return known
}

function nameOf({ actor, version }: Written): string {
  return `${actor}/${version}`
}
