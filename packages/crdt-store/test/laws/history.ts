/**
 * A generated history: 3 to 5 copies on few rows, groups of requests, large versions in chunks, changesets that come late,
 * twice, out of order, damaged, in any grouping or never, pulls with small budgets, restarts, a schema that some copies get later,
 * copies that join late, actors that die for good, snapshots of any copy that are adopted or restored later, or half so. All of it
 * follows from one seed. Checked after every step (copy.ts), and at the end: whoever is alive and holds the same versions holds
 * the same rows and stamps (I-CRDT-3).
 */
import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ActorId, actorId, must, type Need, Prng, type Version } from '@patina/base'
import { type Backup, Copy, type Written } from './copy.ts'
import { randomOperation } from './operations.ts'
import { REPLACEMENTS } from './replaced-file.ts'
import { EARLY_SCHEMA, FULL_SCHEMA } from './tables.ts'

/** Steps of one history, at most: rows collect stamps, and the oracle is slow. */
const STEPS_MAX = 160

/** Rounds in which everybody asks everybody, at most: knowledge is complete long before. */
const QUIET_ROUNDS_MAX = 6

/** More versions than ever wait for chunks in a history: nothing is dropped. */
const WAITING_MAX = 1000

const REPLAY = 'node --conditions=@patina/source packages/crdt-store/test/laws/main.ts'

interface InFlight {
  readonly from: Copy
  readonly to: Copy
  readonly bytes: Uint8Array
}

/** Runs the history of a seed; `folder`: where some copies keep their files. Returns its steps. */
export function runHistory(seed: number, folder: string): number {
  const prng = new Prng(seed)
  const history = new History(prng, seed, folder)
  const steps = prng.between(STEPS_MAX / 4, STEPS_MAX)
  let step = 0
  try {
    for (step = 1; step <= steps; step += 1) history.step()
    return steps + history.end()
  } catch (cause) {
    const told = `${(cause as Error).message}\nstep ${step} of ${steps}; again: ${REPLAY} --seed ${seed}`
    throw new Error(told, { cause })
  } finally {
    history.close()
  }
}

class History {
  readonly #prng: Prng
  readonly #written: Written = new Map()
  readonly #inFlight: InFlight[] = []
  /** Last digits of actors that never wrote. */
  readonly #names: string[]
  readonly #folder: string
  readonly #backups: Backup[] = []
  #joining: number
  #alive: Copy[]

  constructor(prng: Prng, seed: number, folder: string) {
    this.#prng = prng
    this.#folder = join(folder, `${seed}`)
    this.#names = prng.shuffle(Array.from({ length: 0xf0 }, (_, i) => (0x10 + i).toString(16)))
    // Files are dear: every second history has one.
    const hasFile = seed % 2 === 0
    if (hasFile) mkdirSync(this.#folder)
    const count = prng.between(3, 4)
    this.#joining = 5 - count
    this.#alive = Array.from({ length: count }, (_, i) =>
      this.#newCopy(hasFile && i === 0 ? join(this.#folder, 'copy.db') : ':memory:'),
    )
  }

  step(): void {
    const what = this.#prng.below(100)
    const [first] = this.#alive
    const copy = what >= 96 && first?.isOnDisk() === true ? first : this.#prng.pick(this.#alive)
    if (what < 40) this.#write(copy)
    else if (what < 82) this.#deliver(copy)
    else if (what < 92)
      this.#pull(
        copy,
        this.#prng.pick(this.#alive),
        this.#prng.pick([1, 300, 5000]),
        this.#prng.pick(['nothing', 'some']),
      )
    else if (what < 94) this.#die(copy)
    else if (what < 95) this.#join()
    else if (what < 96) copy.upgrade()
    else if (copy.isOnDisk()) this.#fileStep(copy)
    if (this.#alive.includes(copy)) copy.check()
  }

  /** The network is quiet, the living exchange what they have; returns the steps that it took. */
  end(): number {
    let steps = 0
    for (const copy of this.#alive) copy.upgrade()
    // A claim of somebody who is dead may close in one round, and be told in the next.
    for (let round = 0, before = ''; round < QUIET_ROUNDS_MAX && before !== this.#held(); round += 1) {
      before = this.#held()
      for (const to of this.#alive)
        for (const from of this.#alive) {
          if (from !== to) this.#pull(to, from, Number.MAX_SAFE_INTEGER)
          to.check()
          steps += 1
        }
    }
    for (const copy of this.#alive) copy.verify()
    const groups = Map.groupBy(this.#alive, (copy) => copy.held())
    for (const [one, ...others] of groups.values())
      for (const other of others)
        assert.deepEqual(other.content(), one?.content(), 'equal versions, equal rows')
    const unbounded = this.#alive.filter(({ waitingMax }) => waitingMax === WAITING_MAX)
    assert.ok(new Set(unbounded.map((copy) => copy.held())).size <= 1, 'all that the living have reaches all')
    return steps
  }

  #held(): string {
    return this.#alive.map((copy) => copy.held()).join('; ')
  }

  close(): void {
    for (const copy of this.#alive) copy.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #newActor(): ActorId {
    return actorId(must(this.#names.pop(), 'more actors than there are names').padStart(32, '0'))
  }

  #newCopy(path: string): Copy {
    const chunkBytesTarget = this.#prng.pick([64, 64, 200, 64 * 1024])
    let micros = 1_700_000_000_000_000 + this.#prng.below(1000)
    const options = {
      path,
      newActor: () => this.#newActor(),
      nowMicros: () => (micros += 1000),
      limits: { chunkBytesTarget, waitingVersionsMax: this.#prng.pick([3, WAITING_MAX, WAITING_MAX]) },
      durability: this.#prng.pick(['full', 'normal'] as const),
    }
    return new Copy(options, this.#prng.chance(1, 4) ? EARLY_SCHEMA : FULL_SCHEMA, this.#written)
  }

  #write(copy: Copy): void {
    const some = <T>(make: () => T): T[] => Array.from({ length: this.#prng.between(1, 3) }, make)
    const changesets = copy.transact(some(() => some(() => randomOperation(this.#prng))))
    for (const to of this.#alive)
      for (const bytes of to === copy ? [] : changesets)
        for (let copies = this.#prng.below(3); copies > 0; copies -= 1)
          this.#inFlight.push({ from: copy, to, bytes })
  }

  /** A few of what is on its way to this copy, in any order, each perhaps in a batch of its own. */
  #deliver(copy: Copy): void {
    this.#prng.shuffle(this.#inFlight)
    const arrived = this.#take(this.#prng.between(1, 8), ({ to }) => to === copy)
    const batches = this.#prng.chance(1, 2) ? [arrived] : arrived.map((each) => [each])
    for (const batch of batches) copy.deliver(batch.map(({ bytes }) => bytes))
    const next = this.#inFlight.at(-1)
    if (next !== undefined && this.#prng.chance(1, 3)) copy.deliverDamaged(this.#damaged(next.bytes))
  }

  /** One bit flipped, or cut short. */
  #damaged(bytes: Uint8Array): Uint8Array {
    const at = this.#prng.below(bytes.length)
    if (this.#prng.chance(1, 4)) return bytes.subarray(0, at)
    return bytes.with(at, (bytes[at] as number) ^ (1 << this.#prng.below(8)))
  }

  #pull(to: Copy, from: Copy, budgetBytes: number, losing: 'nothing' | 'some' = 'nothing'): void {
    const needs = needsOf(to, from)
    const { changesets, cleared, basis } = from.store.serve(needs, budgetBytes)
    const claim = cleared.length === 0 ? undefined : { cleared, basis }
    // An answer arrives as one batch, or its entries are lost in part and the claim comes all the same.
    const arrived = changesets.filter(() => this.#prng.chance(losing === 'some' ? 3 : 4, 4))
    to.deliver(arrived, claim)
  }

  #join(): void {
    if (this.#joining === 0) return
    this.#joining -= 1
    this.#alive.push(this.#newCopy(':memory:'))
  }

  /** What only a file takes part in. What others hold of the actor that it was goes on without it. */
  #fileStep(copy: Copy): void {
    const what = this.#prng.below(4)
    if (what === 0) copy.restart()
    else if (what < 2 || this.#backups.length === 0) this.#backUp(this.#prng.pick(this.#alive))
    else {
      // Versions of its own that nobody has heard of.
      for (let writes = this.#prng.below(8); writes > 0; writes -= 1) this.#write(copy)
      copy.replace(this.#prng.pick(this.#backups), this.#prng.pick(REPLACEMENTS))
    }
  }

  #backUp(copy: Copy): void {
    this.#backups.push(copy.backUp(join(this.#folder, `${this.#backups.length}.snapshot`)))
  }

  /** For good: what it sent may still arrive, in part. Two remain at least. */
  #die(copy: Copy): void {
    if (this.#alive.length <= 2 || copy.isOnDisk()) return
    copy.verify()
    copy.close()
    this.#alive = this.#alive.filter((other) => other !== copy)
    this.#take(
      Number.MAX_SAFE_INTEGER,
      ({ from, to }) => to === copy || (from === copy && this.#prng.chance(1, 2)),
    )
  }

  #take(max: number, wanted: (each: InFlight) => boolean): InFlight[] {
    const taken: InFlight[] = []
    for (let i = this.#inFlight.length - 1; i >= 0 && taken.length < max; i -= 1) {
      const each = this.#inFlight[i] as InFlight
      if (wanted(each)) taken.push(...this.#inFlight.splice(i, 1))
    }
    return taken
  }
}

/** All versions of the actors that `from` knows which `to` lacks. */
function needsOf(to: Copy, from: Copy): Need[] {
  const mine = new Map(to.store.knowledge().map((known) => [known.actor, known]))
  return from.store.knowledge().flatMap(({ actor, head }) => {
    const lacked = new Set(Array.from({ length: head }, (_, i) => i + 1))
    for (const { first, last } of mine.get(actor)?.have ?? [])
      for (let v: number = first; v <= last; v += 1) lacked.delete(v)
    const versions = [...lacked].map((v) => ({ first: v as Version, last: v as Version }))
    return versions.length === 0 ? [] : [{ kind: 'versions', actor, versions } as const]
  })
}
