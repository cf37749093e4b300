/**
 * Agreement: what must be the same on all nodes in the end, as text to compare: rows of all replicated tables, who wrote
 * each cell of them (rows that are gone included), and which versions are held. What may differ between copies that agree is
 * left out: times that a file has not kept, and the order of its ordinals.
 */
import { type ActorKnowledge, ByteReader, type SqliteValue } from '@patina/base'
import type { Store } from '@patina/crdt-store'

const CLOCK_SUFFIX = '__patina_clock'

/** How many are not as the first. */
export function differing(texts: readonly string[]): number {
  return texts.filter((text) => text !== texts[0]).length
}

/** True where all hold the same versions and show the same rows. */
export function agree(stores: readonly Store[]): boolean {
  return differing(stores.map(knowledgeOf)) === 0 && differing(stores.map(rowsOf)) === 0
}

export function rowsOf(store: Store): string {
  return tablesOf(store)
    .flatMap((table) => {
      const rows = store.database
        .prepare(`SELECT * FROM "${table}"`)
        .safeIntegers()
        .raw()
        .all() as SqliteValue[][]
      return rows.map((row) => `${table} ${row.map(textOf).join('|')}`).sort()
    })
    .join('\n')
}

/** Stamps are read from the clock tables as they lie in the file: `explain` looks up times as well, and takes ten times as long. */
export function stampsOf(store: Store): string {
  const actors = namesBy(store, 'SELECT ord, lower(hex(actor)) FROM __patina_actors')
  return tablesOf(store)
    .flatMap((table) => {
      const columns = namesBy(store, COLUMNS_OF, table)
      return clocksOf(store, table)
        .map((row) => `${table} ${stampsText(row, columns, actors)}`)
        .sort()
    })
    .join('\n')
}

/** What is held, and what was given up. */
export function knowledgeOf(store: Store): string {
  const text = (ranges: ActorKnowledge['have']): string =>
    ranges.map(({ first, last }) => `${first}-${last}`).join(',')
  return store
    .knowledge()
    .filter(({ head }) => head > 0)
    .map(({ actor, have, head, lost = [] }) => `${actor} ${head} ${text(have)} ${text(lost)}`)
    .sort()
    .join('\n')
}

/** Replicated ones: those that have clocks. */
function tablesOf({ database }: Store): string[] {
  const names = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all()
  return (names as string[]).flatMap((name) =>
    name.endsWith(CLOCK_SUFFIX) ? [name.slice(0, -CLOCK_SUFFIX.length)] : [],
  )
}

const COLUMNS_OF = `SELECT ord, name FROM __patina_names WHERE kind = 1 + (
  SELECT ord FROM __patina_names WHERE kind = 0 AND name = ?)`

/** Ordinals of a file → what they stand for. */
function namesBy(
  { database }: Store,
  sql: string,
  ...params: readonly string[]
): ReadonlyMap<number, string> {
  const rows = database
    .prepare(sql)
    .safeIntegers(false)
    .raw()
    .all(...params)
  return new Map(rows as [number, string][])
}

interface ClockRow {
  readonly key: readonly SqliteValue[]
  readonly cl: number
  readonly actor: number
  readonly version: number
  readonly width: number
  readonly cells: Uint8Array | null
}

/** Of every row that was ever written. */
function clocksOf({ database }: Store, table: string): ClockRow[] {
  const clock = `${table}${CLOCK_SUFFIX}`
  const columns = database.prepare('SELECT name FROM pragma_table_info(?) WHERE name GLOB ?').pluck()
  const keys = columns.all(clock, 'k[0-9]*') as string[]
  const sql = `SELECT ${keys.join(', ')}, cl, actor, version, width, cells FROM "${clock}"`
  const rows = database.prepare(sql).safeIntegers().raw().all() as SqliteValue[][]
  return rows.map((row) => {
    const [cl, actor, version, width, cells] = row.slice(keys.length)
    return {
      key: row.slice(0, keys.length),
      cl: Number(cl),
      actor: Number(actor),
      version: Number(version),
      width: Number(width),
      cells: cells as Uint8Array | null,
    }
  })
}

/** Cells that nobody wrote apart share the stamp of the row's owner; others are packed, four varints each. */
function stampsText(
  { key, cl, actor, version, width, cells }: ClockRow,
  columns: ReadonlyMap<number, string>,
  actors: ReadonlyMap<number, string>,
): string {
  const owner = `${actors.get(actor)}:${version}`
  const stamps =
    cells === null
      ? Array.from({ length: width }, (_, column) => `${columns.get(column)}=1:${owner}`)
      : unpacked(cells).map(
          ([column, columnVersion, by, of]) =>
            `${columns.get(column)}=${columnVersion}:${actors.get(by)}:${of}`,
        )
  return `${key.map(textOf).join('|')} ${cl} ${owner} ${stamps.sort().join(' ')}`
}

function unpacked(cells: Uint8Array): [number, number, number, number][] {
  const reader = new ByteReader(cells)
  const next = (): number => reader.varint('stamp')
  const stamps: [number, number, number, number][] = []
  while (reader.remaining() > 0) stamps.push([next(), next(), next(), next()])
  return stamps
}

function textOf(value: SqliteValue): string {
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
  return `${typeof value === 'bigint' ? 'i' : typeof value === 'number' ? 'r' : 't'}${value}`
}
