/** RollupSpec: what a roll-up is, and the check of `[[rollup]]` in the configuration. */
import { err, ok, type Result } from '@patina/base'
import { isTextList, type KeyProblem, nearestName, quoteValue } from '@patina/program'

export interface RollupSpec {
  /** The table of the global cluster; also the name of the roll-up. */
  readonly into: string
  readonly query: string
  /** Columns of the query that are, with the region, the key of the table. */
  readonly key: readonly string[]
  /** The share that may go at once. */
  readonly maxShrink: number
}

/** Each is a live query of the regional agent and a map of its rows here. */
const ROLLUPS_MAX = 32
const MAX_SHRINK_DEFAULT = 0.5
const KEYS = ['into', 'query', 'key', 'max_shrink'] as const
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

/** The whole of `[[rollup]]`; every problem at once, each with the key below it. */
export function checkRollups(raw: unknown): Result<readonly RollupSpec[], string | readonly KeyProblem[]> {
  if (!Array.isArray(raw) || raw.length === 0) return err('must be one or more [[rollup]]')
  if (raw.length > ROLLUPS_MAX) return err(`has ${raw.length} entries, at most ${ROLLUPS_MAX} are possible`)
  const problems = raw.flatMap((entry, at) =>
    problemsOf(entry).map(({ key, problem }) => ({ key: key === '' ? `${at}` : `${at}.${key}`, problem })),
  )
  const names = raw.map((entry) => (entry as { readonly into?: unknown } | null)?.into)
  for (const [at, name] of names.entries())
    if (names.indexOf(name) !== at && typeof name === 'string')
      problems.push({
        key: `${at}.into`,
        problem: `${name} has two roll-ups: each would remove the other's rows`,
      })
  return problems.length > 0 ? err(problems) : ok(raw.map(specOf))
}

function problemsOf(entry: unknown): KeyProblem[] {
  if (typeof entry !== 'object' || entry === null) return [{ key: '', problem: 'must be a table' }]
  const { into, query, key, max_shrink: maxShrink } = entry as Record<string, unknown>
  const problems = Object.keys(entry)
    .filter((name) => !(KEYS as readonly string[]).includes(name))
    .map((name) => ({ key: name, problem: unknownKey(name) }))
  const must = (name: string, holds: boolean, what: string, value: unknown): void => {
    if (!holds) problems.push({ key: name, problem: `must be ${what}, not ${quoteValue(value)}` })
  }
  must('into', isName(into), 'the name of a table: letters, digits and underscores', into)
  must('query', typeof query === 'string' && query.trim() !== '', 'a SELECT', query)
  const isKey = key === undefined || (isTextList(key) && key.length > 0 && key.every(isName))
  must('key', isKey, 'a list of columns', key)
  if (isTextList(key) && key.includes('region'))
    problems.push({ key: 'key', problem: 'does not name region: the aggregator adds it' })
  const isShare =
    maxShrink === undefined || (typeof maxShrink === 'number' && maxShrink >= 0 && maxShrink <= 1)
  must('max_shrink', isShare, 'a share from 0 to 1', maxShrink)
  return problems
}

function specOf(entry: unknown): RollupSpec {
  const {
    into,
    query,
    key = ['app'],
    max_shrink: maxShrink = MAX_SHRINK_DEFAULT,
  } = entry as {
    readonly into: string
    readonly query: string
    readonly key?: readonly string[]
    readonly max_shrink?: number
  }
  return { into, query, key, maxShrink }
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && NAME.test(value)
}

function unknownKey(name: string): string {
  const near = nearestName(name, KEYS)
  return `is no key of a roll-up${near === undefined ? '' : `; did you mean ${near}?`}`
}
