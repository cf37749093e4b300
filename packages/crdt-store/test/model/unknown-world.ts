/**
 * A small random world of the rules for unknown tables and columns, without SQL: each node keeps what its schema knows in one
 * place (clocks) and the rest of the same merged rows in another (unknown), and takes over what a schema change makes known.
 * After each step both places together must be what a node that knows everything makes of the same versions, and the live
 * counters must be what a recount gives. The rule is a parameter, so that poorer ones can be seen to fail.
 */
import { Prng } from '@patina/base'

/**
 * `ours` · `keeps-old-lives`: a new life in the clocks leaves the unknown cells of the one before · `no-life`: a row of an
 * unknown table has cells and no life of its own.
 */
export type UnknownRule = 'ours' | 'keeps-old-lives' | 'no-life'

interface Stamp {
  readonly actor: number
  readonly version: number
}

interface Cell extends Stamp {
  readonly colv: number
  readonly value: number
}

interface Written extends Stamp {
  /** Table and key. */
  readonly row: string
  readonly cl: number
  readonly cells: ReadonlyMap<string, Pick<Cell, 'colv' | 'value'>>
}

interface Row {
  cl: number
  owner: Stamp
  readonly cells: Map<string, Cell>
}

/** Tables and their columns. */
const TABLES: Readonly<Record<string, readonly string[]>> = { t: ['a', 'b', 'c'], u: ['a'] }
const KEYS = 2
const NODES = 3
const STEPS = 40

function merge(rows: Map<string, Row>, { row, cl, cells, actor, version }: Written): Row | undefined {
  const known = rows.get(row)
  const stamp = { actor, version }
  if (known !== undefined && cl < known.cl) return known
  if (known === undefined || cl > known.cl) rows.set(row, { cl, owner: stamp, cells: new Map() })
  const merged = rows.get(row) as Row
  if (isGreater(stamp, merged.owner)) merged.owner = stamp
  for (const [column, cell] of cells) {
    const ours = merged.cells.get(column)
    const incoming = { ...cell, ...stamp }
    if (ours === undefined || beats(incoming, ours)) merged.cells.set(column, incoming)
  }
  return merged
}

function beats(a: Cell, b: Cell): boolean {
  return a.colv !== b.colv ? a.colv > b.colv : a.value !== b.value ? a.value > b.value : isGreater(a, b)
}

function isGreater(a: Stamp, b: Stamp): boolean {
  return a.actor !== b.actor ? a.actor > b.actor : a.version > b.version
}

class WorldNode {
  readonly actor: number
  /** `t.a`; a table is known as soon as one of its columns is. */
  readonly schema: Set<string>
  readonly seen: Written[] = []
  readonly #clocks = new Map<string, Row>()
  readonly #unknown = new Map<string, Row>()
  readonly #live = new Map<string, number>()
  readonly #rule: UnknownRule
  #head = 0

  constructor(actor: number, schema: Iterable<string>, rule: UnknownRule) {
    this.actor = actor
    this.schema = new Set(schema)
    this.#rule = rule
  }

  write(row: string, prng: Prng): void {
    const table = row.charAt(0)
    const columns = (TABLES[table] ?? []).filter((column) => this.schema.has(`${table}.${column}`))
    if (columns.length === 0) return
    const ours = this.#clocks.get(row)
    const isAlive = (ours?.cl ?? 0) % 2 === 1
    const dies = isAlive && prng.chance(1, 4)
    const written = isAlive ? columns.filter(() => prng.chance(1, 2)) : columns
    const cells = new Map(
      (dies ? [] : written).map((column) => [
        column,
        { colv: isAlive ? 1 + (ours?.cells.get(column)?.colv ?? 0) : 1, value: prng.below(3) },
      ]),
    )
    if (isAlive && !dies && cells.size === 0) return
    this.#head += 1
    const cl = (ours?.cl ?? 0) + (isAlive && !dies ? 0 : 1)
    this.receive({ actor: this.actor, version: this.#head, row, cl, cells })
  }

  receive(written: Written): void {
    if (this.seen.some(({ actor, version }) => actor === written.actor && version === written.version)) return
    this.seen.push(written)
    const before = this.#owned()
    const table = written.row.charAt(0)
    const isKnown = (column: string): boolean => this.schema.has(`${table}.${column}`)
    if (!this.#knows(table)) {
      this.#mergeUnknown(written)
    } else {
      merge(this.#clocks, { ...written, cells: only(written.cells, isKnown) })
      const { cl } = this.#clocks.get(written.row) as Row
      const unknown = this.#unknown.get(written.row)
      if (unknown !== undefined && unknown.cl < cl && this.#rule !== 'keeps-old-lives')
        this.#unknown.delete(written.row)
      const rest = only(written.cells, (column) => !isKnown(column))
      if (written.cl === cl && rest.size > 0) merge(this.#unknown, { ...written, cells: rest })
    }
    this.#count(before)
  }

  /** What is known from now on moves, with its stamps. */
  learn(column: string): void {
    const table = column.charAt(0)
    const wasKnown = this.#knows(table)
    this.schema.add(column)
    for (const [row, unknown] of this.#unknown) {
      if (row.charAt(0) !== table) continue
      if (!wasKnown) this.#clocks.set(row, { cl: unknown.cl, owner: unknown.owner, cells: new Map() })
      const clock = this.#clocks.get(row) as Row
      for (const [name, cell] of unknown.cells)
        if (this.schema.has(`${table}.${name}`)) {
          clock.cells.set(name, cell)
          unknown.cells.delete(name)
        }
      if (unknown.cells.size === 0) this.#unknown.delete(row)
    }
  }

  /** undefined, or what is wrong. */
  fault(): string | undefined {
    const expected = new Map<string, Row>()
    for (const written of this.seen) merge(expected, written)
    const [wants, has] = [shownRows(expected), shownRows(this.#union())]
    if (wants !== has) return `holds ${has} instead of ${wants}`
    const counted = shownCounts(this.#owned())
    const claimed = shownCounts(this.#live)
    return counted === claimed ? undefined : `claims ${claimed} instead of ${counted}`
  }

  content(): string {
    return shownRows(this.#union())
  }

  #knows(table: string): boolean {
    return [...this.schema].some((column) => column.charAt(0) === table)
  }

  #mergeUnknown(written: Written): void {
    if (this.#rule !== 'no-life') merge(this.#unknown, written)
    else if (written.cl % 2 === 1) merge(this.#unknown, { ...written, cl: 1 })
  }

  #union(): Map<string, Row> {
    const all = new Map<string, Row>()
    for (const [row, { cl, owner, cells }] of this.#clocks) all.set(row, { cl, owner, cells: new Map(cells) })
    for (const [row, unknown] of this.#unknown) {
      const there = all.get(row)
      if (there === undefined) all.set(row, unknown)
      else for (const [column, cell] of unknown.cells) there.cells.set(column, cell)
    }
    return all
  }

  #owned(): Map<string, number> {
    const owned = new Map<string, number>()
    const own = ({ actor, version }: Stamp): void => {
      const name = `${actor}/${version}`
      owned.set(name, (owned.get(name) ?? 0) + 1)
    }
    for (const row of this.#union().values())
      for (const stamp of [row.owner, ...row.cells.values()]) own(stamp)
    return owned
  }

  #count(before: ReadonlyMap<string, number>): void {
    const after = this.#owned()
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const live = (this.#live.get(name) ?? 0) + (after.get(name) ?? 0) - (before.get(name) ?? 0)
      if (live === 0) this.#live.delete(name)
      else this.#live.set(name, live)
    }
  }
}

function only<T>(cells: ReadonlyMap<string, T>, wants: (column: string) => boolean): Map<string, T> {
  return new Map([...cells].filter(([column]) => wants(column)))
}

function shownRows(rows: ReadonlyMap<string, Row>): string {
  return [...rows]
    .map(([row, { cl, owner, cells }]) => {
      const shown = [...cells].map(
        ([column, c]) => `${column}=${c.value}@${c.colv} by ${c.actor}/${c.version}`,
      )
      return `${row}:${cl} of ${owner.actor}/${owner.version} [${shown.sort().join(', ')}]`
    })
    .sort()
    .join('; ')
}

function shownCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .map(([name, count]) => `${name}: ${count}`)
    .sort()
    .join(', ')
}

/** The first fault of a random history, or undefined. */
export function runUnknownWorld(seed: number, rule: UnknownRule): string | undefined {
  const prng = new Prng(seed)
  const columns = Object.entries(TABLES).flatMap(([table, names]) => names.map((name) => `${table}.${name}`))
  const nodes = Array.from({ length: NODES }, (_, i) => new WorldNode(i, i === 0 ? columns : ['t.a'], rule))
  for (let step = 0; step < STEPS; step += 1) {
    const node = prng.pick(nodes)
    const kind = prng.below(8)
    if (kind === 0) node.learn(prng.pick(columns))
    else if (kind < 4) node.write(`${prng.pick(Object.keys(TABLES))}${prng.below(KEYS)}`, prng)
    else {
      const { seen } = prng.pick(nodes)
      if (seen.length > 0) node.receive(prng.pick(seen))
    }
    const fault = node.fault()
    if (fault !== undefined) return `seed ${seed}, step ${step}: node ${node.actor} ${fault}`
  }
  for (const node of nodes) {
    for (const from of nodes) for (const written of [...from.seen]) node.receive(written)
    for (const column of columns) node.learn(column)
  }
  const [first] = nodes
  const other = nodes.find((node) => node.content() !== first?.content())
  return other === undefined ? undefined : `seed ${seed}: ${other.content()} differs from ${first?.content()}`
}
