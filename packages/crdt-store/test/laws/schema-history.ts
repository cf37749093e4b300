/**
 * A generated history in which the schema changes: 3 to 5 stores, each with definitions of its own that are drawn anew at any time
 * (columns and tables go, come back, are defined otherwise), at once or in slices with writes in between; pulls with losses and
 * cleared answers, restarts, actors that die; snapshots of any store that are adopted or restored later, or half so; names that go
 * out of use and are purged; tables of other programs that are taken over with their rows. After each step a store agrees with itself
 * (`verify`), and unless rows are between two tables clocks, rows and what stands beside them are the oracle's merge of the versions that it
 * holds: all of it, whatever its schema knows, but for what was purged. All follows from one seed.
 */
import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ActorId, actorId, must, Prng } from '@patina/base'
import { REPLACEMENTS } from './replaced-file.ts'
import { type Backup, SchemaCopy, type Written } from './schema-copy.ts'
import { drawSchema, type Names, widest } from './schema-tables.ts'
import { seenLines, tableId } from './schema-view.ts'

const STEPS_MAX = 240
const QUIET_ROUNDS_MAX = 6
const REPLAY = 'node --conditions=@patina/source packages/crdt-store/test/laws/main.ts --schema'

/** What may go out of use: one table stays. */
const NAMES = ['t.a', 't.b', 't.c', 'u', 'u.a', 'u.b', 'u.c']
/** Of one history, at most: columns are what it is about. */
const RETIRED_MAX = 2

/** Runs the history of a seed; `folder`: where some stores keep their files. Returns its steps. */
export function runSchemaHistory(seed: number, folder: string): number {
  const history = new SchemaHistory(new Prng(seed), seed, folder)
  const steps = history.stepsToRun
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

class SchemaHistory {
  readonly stepsToRun: number
  readonly #prng: Prng
  readonly #folder: string
  readonly #written: Written = new Map()
  /** Last digits of actors that there have not been. */
  readonly #actors: string[]
  /** No schema that is drawn from now on has these … */
  readonly #retired = new Set<string>()
  /** … and these somebody has purged. */
  readonly #forgotten = new Set<string>()
  readonly #backups: Backup[] = []
  #alive: SchemaCopy[]

  constructor(prng: Prng, seed: number, folder: string) {
    this.#prng = prng
    this.#folder = join(folder, `${seed}`)
    this.stepsToRun = prng.between(STEPS_MAX / 4, STEPS_MAX)
    this.#actors = prng.shuffle(Array.from({ length: 0xf0 }, (_, i) => (0x10 + i).toString(16)))
    // Files are dear: every second history has one.
    const hasFile = seed % 2 === 0
    if (hasFile) mkdirSync(this.#folder)
    this.#alive = Array.from({ length: prng.between(3, 5) }, (_, i) =>
      this.#newCopy(hasFile && i === 0 ? join(this.#folder, 'copy.db') : ':memory:'),
    )
  }

  step(): void {
    const what = this.#prng.below(100)
    const [first] = this.#alive
    const copy = what >= 95 && first?.isOnDisk() === true ? first : this.#prng.pick(this.#alive)
    const isDone =
      (what >= 66 && what < 71 && copy.plant(drawSchema(this.#prng, this.#retired), this.#prng)) ||
      (what >= 71 && what < 77 && this.#change(copy)) ||
      (what >= 77 && what < 89 && this.#work(copy)) ||
      (what === 89 && this.#die(copy)) ||
      (what >= 90 && what < 92 && this.#retire()) ||
      (what >= 92 && what < 95 && this.#purge(copy)) ||
      (what >= 95 && this.#fileStep(copy))
    // Whoever finds nothing of its kind to do writes or asks.
    if (!isDone && what % 5 < 3) copy.write(this.#prng)
    else if (!isDone) this.#pull(copy, this.#prng.pick(this.#alive), 'some')
    if (this.#alive.includes(copy)) copy.check()
  }

  /**
   * All exchange what there is, have the same definitions and purge what one has purged; then they hold the same. Returns the
   * steps that it took.
   */
  end(): number {
    let steps = this.#exchange()
    const last = widest(this.#retired)
    for (const copy of this.#alive) {
      copy.finish()
      copy.check()
      copy.change(last, 'at-once')
      assert.equal(copy.schema, last)
      copy.check()
      for (const name of this.#forgotten) copy.purge(name)
      copy.finish()
      copy.check()
    }
    steps += this.#exchange()
    const [first] = this.#alive as [SchemaCopy]
    assert.equal(
      new Set(this.#alive.map((copy) => copy.held())).size,
      1,
      'all that the living have reaches all',
    )
    for (const copy of this.#alive) {
      assert.deepEqual(seenLines(copy.store, last), seenLines(first.store, last))
      const left = [...copy.unknownNames()].filter((name) => this.#forgotten.has(name))
      assert.deepEqual(left, [], 'what all have purged does not come back')
    }
    for (const copy of this.#alive) this.#purgeAll(copy)
    return steps
  }

  /** All that the schema lacks of its tables goes, rows with other keys too, and nothing that it has: misfits are values of it. */
  #purgeAll(copy: SchemaCopy): void {
    const { schema, store } = copy
    const rowsWith = (key: string, without?: Names): string[] =>
      seenLines(store, schema, without).filter((line) =>
        schema.some(({ name }) => line.startsWith(tableId(name, [key]))),
      )
    const before = rowsWith('id', this.#retired)
    for (const { name } of schema) copy.purge(name)
    copy.finish()
    copy.verify()
    assert.deepEqual(rowsWith('id', this.#retired), before, 'a purge takes nothing that the schema has')
    assert.deepEqual(rowsWith('k'), [], 'rows with other keys')
    const lacked = [...copy.unknownNames()].filter((name) => {
      return !copy.hasName(name) && schema.some((table) => name.startsWith(`${table.name}.`))
    })
    assert.deepEqual(lacked, [], 'columns that the schema lacks')
  }

  close(): void {
    for (const { store } of this.#alive) store.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #held(): string {
    return this.#alive.map((copy) => copy.held()).join('; ')
  }

  #newActor(): ActorId {
    return actorId(must(this.#actors.pop(), 'more actors than there are names').padStart(32, '0'))
  }

  #newCopy(path: string): SchemaCopy {
    let micros = 1_700_000_000_000_000 + this.#prng.below(1000)
    const options = {
      path,
      newActor: () => this.#newActor(),
      nowMicros: () => (micros += 1000),
      limits: {
        chunkBytesTarget: this.#prng.pick([64, 200, 64 * 1024]),
        schemaSliceRowsMax: this.#prng.pick([1, 1, 2, 250]),
        schemaSliceMs: Number.POSITIVE_INFINITY,
        // Tables of other programs are taken over in as many rows.
        versionRowsMax: this.#prng.pick([2, 100_000, 100_000]),
      },
      durability: 'normal' as const,
    }
    const shared = { written: this.#written, forgotten: this.#forgotten }
    return new SchemaCopy(options, drawSchema(this.#prng), shared)
  }

  #change(copy: SchemaCopy): boolean {
    const pace = this.#prng.chance(1, 2) ? 'at-once' : 'in-slices'
    return copy.change(drawSchema(this.#prng, this.#retired), pace)
  }

  #work(copy: SchemaCopy): boolean {
    let slices = 0
    for (let n = this.#prng.between(1, 3); slices < n && copy.slice(); ) slices += 1
    return slices > 0
  }

  /** Everybody asks everybody until there is nothing new; returns the steps that it took. */
  #exchange(): number {
    let steps = 0
    for (let round = 0, before = ''; round < QUIET_ROUNDS_MAX && before !== this.#held(); round += 1) {
      before = this.#held()
      for (const to of this.#alive)
        for (const from of this.#alive) {
          if (from !== to) this.#pull(to, from, 'nothing')
          steps += 1
        }
    }
    return steps
  }

  #pull(to: SchemaCopy, from: SchemaCopy, losing: 'nothing' | 'some'): void {
    const needs = from.store.knowledge().map(({ actor, have }) => {
      return { kind: 'versions' as const, actor, versions: have }
    })
    const { changesets, cleared, basis } = from.store.serve(needs, Number.MAX_SAFE_INTEGER)
    const arrived = changesets.filter(() => losing === 'nothing' || this.#prng.chance(3, 4))
    to.store.apply(this.#prng.shuffle([...arrived]), { cleared, basis })
  }

  #die(copy: SchemaCopy): boolean {
    if (this.#alive.length <= 2 || copy.isOnDisk()) return false
    copy.store.close()
    this.#alive = this.#alive.filter((other) => other !== copy)
    return true
  }

  /** A name goes out of use; most take it out of their schemas now. */
  #retire(): boolean {
    if (this.#retired.size === RETIRED_MAX) return false
    this.#retired.add(this.#prng.pick(NAMES))
    for (const copy of this.#alive) if (this.#prng.chance(3, 4)) this.#change(copy)
    return true
  }

  /** As docs/schema.md asks for it: when no schema of the cluster has the name any more. */
  #purge(copy: SchemaCopy): boolean {
    const names = [...this.#retired].filter((name) => !this.#alive.some((each) => each.hasName(name)))
    if (names.length === 0 || !copy.isSettled()) return false
    const name = this.#prng.pick(names)
    this.#forgotten.add(name)
    copy.purge(name)
    return true
  }

  /** What only a file takes part in. What others hold of the actor that it was goes on without it. */
  #fileStep(copy: SchemaCopy): boolean {
    if (!copy.isOnDisk()) return false
    const what = this.#prng.below(4)
    if (what === 0) copy.restart()
    else if (what < 3 || this.#backups.length === 0) this.#backUp(this.#prng.pick(this.#alive))
    else {
      // Versions of its own that nobody has heard of.
      for (let writes = this.#prng.below(12); writes > 0; writes -= 1) copy.write(this.#prng)
      copy.replace(this.#prng.pick(this.#backups), this.#prng.pick(REPLACEMENTS))
    }
    return true
  }

  #backUp(copy: SchemaCopy): void {
    this.#backups.push(copy.backUp(join(this.#folder, `${this.#backups.length}.snapshot`)))
  }
}
