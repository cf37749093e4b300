/**
 * StoreView: what a store's file says, as the lines of model/describe.ts. Reads the tables themselves with a reader of
 * packed clocks of its own, so that it does not trust the code under test; says where file and memory disagree (I-CRDT-1).
 */
import { must, type SqliteValue } from '@patina/base'
import type { Store } from '../../src/index.ts'
import { knowledgeLine, liveLine, rowLine } from '../model/describe.ts'
import { identity, type ModelTable, type Stamp } from '../model/replica.ts'
import { varints } from '../two-stores.ts'

interface LogLine {
  readonly actor: bigint
  readonly version: bigint
  readonly first_seq: bigint
  readonly last_seq: bigint
  readonly version_last_seq: bigint
  readonly live: bigint | null
}

/**
 * The name that lines call an actor by: its last hex digits, one or two. Stores that meet have names of one length, so that names
 * are ordered as actors are.
 */
export function actorName(actor: string): string {
  return actor.slice(-2).replace(/^0/, '')
}

export class StoreView {
  readonly #store: Store
  readonly #tables: readonly ModelTable[]
  readonly #all: (sql: string) => SqliteValue[][]
  readonly #log: { all: () => LogLine[] }
  #actors = new Map<SqliteValue, string>()

  constructor(store: Store, tables: readonly ModelTable[]) {
    this.#store = store
    this.#tables = tables
    const { database } = store
    const prepared = new Map<string, { all: () => unknown[] }>()
    this.#all = (sql) => {
      const statement = prepared.get(sql) ?? database.prepare(sql).raw()
      prepared.set(sql, statement)
      return statement.all() as SqliteValue[][]
    }
    this.#log = database.prepare<[], LogLine>(
      `SELECT actor, version, first_seq, last_seq, version_last_seq, CASE live WHEN -1 THEN (
         SELECT live FROM __patina_live AS a WHERE a.actor = l.actor AND a.version = l.version) ELSE live END AS live
       FROM __patina_log AS l ORDER BY 1, 2, 3`,
    )
  }

  /** Rows, stamps and counters. */
  content(): string[] {
    const actors = this.#all('SELECT ord, lower(hex(actor)) FROM __patina_actors')
    this.#actors = new Map(actors.map(([ord, actor]) => [ord as bigint, actorName(actor as string)]))
    return [...this.#tables.flatMap((table) => this.#rows(table)), ...this.#live()].sort()
  }

  /** What is held and waits, from the tables. */
  knowledge(): string[] {
    const log = this.#log.all()
    const have = this.#all('SELECT actor, first, last FROM __patina_have ORDER BY actor, first')
    const lines: string[] = []
    for (const [ord, actor, head, ts] of this.#all(
      'SELECT ord, lower(hex(actor)), head, head_ts FROM __patina_actors WHERE head > 0',
    )) {
      const held = have.filter(([of]) => of === ord).map(([, first, last]) => [Number(first), Number(last)])
      const versions = held.flatMap(([first, last]) => numbersOf(first as number, last as number))
      lines.push(
        knowledgeLine({
          actor: actorName(actor as string),
          have: versions,
          waiting: waitingOf(
            log.filter((row) => row.actor === ord && !versions.includes(Number(row.version))),
          ),
          head: Number(head),
          headTs: Number(ts),
        }),
        ...held.flatMap(([first], i) =>
          (held[i - 1]?.[1] ?? -1) >= (first as number) - 1 ? [`I-HAVE-1 broken for ${actor}`] : [],
        ),
      )
    }
    return lines.sort()
  }

  /** Ranges of `have`, from the table. */
  held(): string[] {
    const sql = `SELECT lower(hex(a.actor)) || ' ' || h.first || '-' || h.last FROM __patina_have AS h
                 JOIN __patina_actors AS a ON a.ord = h.actor ORDER BY 1`
    return this.#all(sql).map(([range]) => range as string)
  }

  /** What is held and waits, from memory. */
  knowledgeInMemory(): string[] {
    const known = this.#store.knowledge().filter(({ head }) => head > 0)
    return known
      .map(({ actor, have, partials, head, headTs }) =>
        knowledgeLine({
          actor: actorName(actor),
          have: have.flatMap(({ first, last }) => numbersOf(first, last)),
          waiting: new Map(
            partials.map(({ version, seqs }) => [
              version,
              seqs.flatMap(({ first, last }) => numbersOf(first, last)),
            ]),
          ),
          head,
          headTs,
        }),
      )
      .sort()
  }

  /** Rows and clocks by key, also where one stands without the other. */
  #rows(table: ModelTable): string[] {
    const { name, key, columns } = table
    const on = key.map((column, i) => `t.${column} = c.k${i}`).join(' AND ')
    const shown = [...key, ...columns.map((column) => column.name)].map((column) => `t.${column}`)
    const keys = key.map((_, i) => `c.k${i}`)
    const sql = `SELECT ${[...keys, 'c.cl', 'c.actor', 'c.version', 'c.width', 'c.cells', ...shown].join(', ')}
                 FROM ${name} AS t FULL JOIN ${name}__patina_clock AS c ON ${on}`
    const [[ordinal]] = this.#all(`SELECT ord FROM __patina_names WHERE kind = 0 AND name = '${name}'`) as [
      [bigint],
    ]
    const names = this.#all(`SELECT name FROM __patina_names WHERE kind = 1 + ${ordinal} ORDER BY ord`).flat()
    return this.#all(sql).map((row) => this.#rowLine(table, row, names as string[]))
  }

  #rowLine(table: ModelTable, row: readonly SqliteValue[], names: readonly string[]): string {
    const width = table.key.length
    const [cl, actor, version, shared, cells, ...user] = row.slice(width)
    const [userKey, values] = [user.slice(0, width), user.slice(width)] as [SqliteValue[], SqliteValue[]]
    if (cl === null) return `${table.name} ${identity(userKey)} has no clock`
    const owner = this.#stamp(actor as bigint, version as bigint)
    const isThere = userKey[0] !== null
    const stamps =
      cells === null
        ? names.slice(0, Number(shared)).map((name) => [name, { columnVersion: 1, ...owner }] as const)
        : this.#cellStamps(cells as Uint8Array, names)
    return rowLine({
      table,
      key: row.slice(0, width),
      causalLength: Number(cl),
      owner,
      cells: new Map(stamps),
      values: isThere ? values : undefined,
    })
  }

  #cellStamps(cells: Uint8Array, names: readonly string[]): [string, Stamp & { columnVersion: number }][] {
    const numbers = varints(cells)
    const stamps: [string, Stamp & { columnVersion: number }][] = []
    for (let i = 0; i < numbers.length; i += 4) {
      const [column, columnVersion, actor, version] = numbers.slice(i, i + 4) as [
        number,
        number,
        number,
        number,
      ]
      stamps.push([
        must(names[column], 'ordinals are dense'),
        { columnVersion, ...this.#stamp(BigInt(actor), BigInt(version)) },
      ])
    }
    return stamps
  }

  /** Counters, and what the log must not hold: versions with holes. One of 0 is a line that no oracle has. */
  #live(): string[] {
    const lines: string[] = []
    const entries = Map.groupBy(
      this.#log.all(),
      ({ actor, version }) => `${this.#actors.get(actor)}#${version}`,
    )
    for (const [version, rows] of entries) {
      const [first] = rows as [LogLine, ...LogLine[]]
      if (first.live === null) continue
      lines.push(liveLine(version, Number(first.live)))
      const seqs = rows.flatMap(({ first_seq, last_seq }) => numbersOf(Number(first_seq), Number(last_seq)))
      if (seqs.join() !== numbersOf(0, Number(first.version_last_seq)).join())
        lines.push(`${version} has a counter and seqs ${seqs}`)
    }
    return lines
  }

  #stamp(actor: bigint, version: bigint): Stamp {
    return { actor: this.#actors.get(actor) ?? `unknown ${actor}`, version: Number(version) }
  }
}

export function numbersOf(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function waitingOf(rows: readonly LogLine[]): Map<number, number[]> {
  const waiting = new Map<number, number[]>()
  for (const { version, first_seq, last_seq } of rows) {
    const seqs = [...(waiting.get(Number(version)) ?? []), ...numbersOf(Number(first_seq), Number(last_seq))]
    waiting.set(Number(version), seqs)
  }
  return waiting
}
