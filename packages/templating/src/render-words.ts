/**
 * RenderWords: the words of a template that ask for something outside of it: rows, members, files, the environment. They are
 * answered from what the process was given; what is not there yet is noted as a call, and has no rows meanwhile.
 */
import { hostname } from 'node:os'
import { type Cell, type Query, type QueryParam, type QueryParams, queryKey } from './core/query.ts'
import { csv, groupBy, hex, indent, indexBy, json, type Row, sortBy, uniqueBy } from './core/words.ts'
import type { EtaTemplates } from './eta-templates.ts'
import type { Outcome } from './outcome.ts'
import { CALLS_MAX, type RenderCall } from './render-message.ts'

export interface SqlOptions {
  /** The share of the rows of this query that may go at once; false: they are not guarded. */
  readonly maxShrink?: number | false
}

type Rows = readonly Row[] & { readonly columns: readonly string[] }

/** Without what changes all the time (round trips), so that a file is written when a member changes and not before. */
const MEMBERS =
  'SELECT actor, name, addr, state, region, tags, since FROM patina_members ORDER BY name, actor'

export class RenderWords {
  readonly #templates: EtaTemplates
  readonly #outcomes = new Map<string, Outcome>()
  /** Made of the outcome when a template asks, and shared by all that ask after. */
  readonly #rows = new Map<string, Rows>()
  #uses: ReadonlySet<string> = new Set()
  readonly #calls = new Map<string, RenderCall>()
  #incomplete = false

  constructor(templates: EtaTemplates) {
    this.#templates = templates
  }

  learn(key: string, outcome: Outcome): void {
    this.#outcomes.set(key, outcome)
    this.#rows.delete(key)
  }

  forget(key: string): void {
    this.#outcomes.delete(key)
    this.#rows.delete(key)
  }

  /** `uses`: keys of the results that may be shown. */
  begin(uses: readonly string[]): void {
    this.#uses = new Set(uses)
    this.#calls.clear()
    this.#incomplete = false
  }

  get calls(): readonly RenderCall[] {
    return [...this.#calls.values()]
  }

  /** A query was asked whose result is not here. */
  get incomplete(): boolean {
    return this.#incomplete
  }

  /** What templates find as global names. */
  globals(): Readonly<Record<string, unknown>> {
    return {
      sql: this.#sql,
      members: () => this.#rowsOf({ sql: MEMBERS, params: [] }, undefined).map(withTags),
      file: (path: string) => this.#templates.readText(path),
      env,
      hostname,
      json,
      csv,
      sortBy,
      groupBy,
      indexBy,
      uniqueBy,
      indent,
      hex,
      time,
    }
  }

  /** sql`… ${value} …`, where each value is a parameter; or sql(text, params, options). */
  readonly #sql = (
    text: string | TemplateStringsArray,
    ...rest: readonly unknown[]
  ): Row[] & { readonly columns: readonly string[] } => {
    if (typeof text !== 'string')
      return this.#copyOf({ sql: text.join('?'), params: rest as QueryParam[] }, undefined)
    const [params = [], options] = rest as [QueryParams?, SqlOptions?]
    return this.#copyOf({ sql: text, params }, options?.maxShrink)
  }

  /** A list of its own, because templates sort in place. */
  #copyOf(query: Query, maxShrink: RenderCall['maxShrink']): Row[] & { readonly columns: readonly string[] } {
    const rows = this.#rowsOf(query, maxShrink)
    return withColumns([...rows], rows.columns)
  }

  #rowsOf(query: Query, maxShrink: RenderCall['maxShrink']): Rows {
    checkQuery(query)
    const key = queryKey(query)
    if (!this.#calls.has(key) && this.#calls.size >= CALLS_MAX)
      throw new Error(`a template asks more than ${CALLS_MAX} different queries; join them`)
    this.#calls.set(key, { ...query, key, maxShrink })
    const outcome = this.#uses.has(key) ? this.#outcomes.get(key) : undefined
    const known = this.#rows.get(key)
    if (outcome !== undefined && known !== undefined) return known
    if (outcome === undefined) {
      this.#incomplete = true
      return withColumns([], [])
    }
    if ('failure' in outcome) throw new Error(`${outcome.failure} (${query.sql})`)
    const rows = withColumns(
      outcome.rows.map((cells) => rowOf(outcome.columns, cells, query.sql)),
      outcome.columns,
    )
    this.#rows.set(key, rows)
    return rows
  }
}

function withColumns<T extends readonly Row[]>(
  rows: T,
  columns: readonly string[],
): T & { readonly columns: readonly string[] } {
  return Object.defineProperty(rows, 'columns', { value: columns }) as T & {
    readonly columns: readonly string[]
  }
}

/** Frozen: templates share it. */
function rowOf(columns: readonly string[], cells: readonly Cell[], sql: string): Row {
  const row = Object.fromEntries(columns.map((name, i) => [name, cells[i]]))
  if (Object.keys(row).length === columns.length) return Object.freeze(row)
  const twice = columns.find((name, i) => columns.indexOf(name) !== i)
  throw new Error(`two columns are named ${twice}; name one with AS (${sql})`)
}

function checkQuery({ sql, params }: Query): void {
  if (typeof sql !== 'string' || sql.trim() === '') throw new TypeError('sql(…) takes the text of a query')
  if (typeof params !== 'object' || params === null)
    throw new TypeError('the parameters of sql(…) are a list, or an object by name')
  for (const [name, value] of Object.entries(params))
    if (!isParam(value))
      throw new TypeError(
        `parameter ${name} of sql(…) is ${value === undefined ? 'undefined' : 'no value of SQL'}`,
      )
}

function isParam(value: unknown): boolean {
  if (value === null || value instanceof Uint8Array) return true
  return typeof value === 'number'
    ? Number.isFinite(value)
    : ['string', 'bigint', 'boolean'].includes(typeof value)
}

function withTags(row: Row): Row {
  return { ...row, tags: typeof row.tags === 'string' ? (JSON.parse(row.tags) as unknown) : {} }
}

/** A variable of the environment. Throws where it is not set and there is nothing to take instead. */
function env(name: string, instead?: string): string {
  const value = process.env[name] ?? instead
  if (value === undefined) throw new Error(`the environment has no ${name}`)
  return value
}

/** Unix milliseconds, a date, or text that a Date reads → ISO 8601 in UTC; without a value: now. */
function time(value?: number | bigint | string | Date): string {
  if (value === undefined) return new Date().toISOString()
  const date = new Date(typeof value === 'bigint' ? Number(value) : value)
  if (Number.isNaN(date.getTime())) throw new TypeError(`no time: ${String(value)}`)
  return date.toISOString()
}
