/**
 * What we read from the text of CREATE statements ourselves, because SQLite's catalogue does not report it: the text of
 * each column and table constraint, the clauses CHECK, COLLATE and AS, ON CONFLICT and REFERENCES, the body of a view.
 * Only tokens are looked at (strings, quoted names and comments hide what is in them); SQLite stays the judge: it has
 * taken the statement before we read it, and what we cut out of it is run and read back.
 */
import { foldName } from '../core/table.ts'

/** True where the bare word (lower case) stands in the statement. */
export function hasWord(sql: string, word: string): boolean {
  return tokensOf(sql).some(({ text }) => text === word)
}

/** True for ON CONFLICT in a constraint. */
export function hasConflictClause(sql: string): boolean {
  const tokens = tokensOf(sql)
  return tokens.some(({ text }, i) => text === 'on' && tokens[i + 1]?.text === 'conflict')
}

/** True where two CREATE statements differ in white space, comments and the case of bare words alone. */
export function sameSql(a: string, b: string): boolean {
  return normalized(tokensOf(a)) === normalized(tokensOf(b))
}

/** A column as its table's CREATE statement has it. */
export interface ColumnText {
  /** Folded to lower case. */
  readonly name: string
  /** From the name on, as it was written: what ALTER TABLE … ADD COLUMN takes. */
  readonly definition: string
  /** CHECK, COLLATE, AS, and a descending key: what the catalogue does not tell of a column, sorted. */
  readonly clauses: readonly string[]
}

export interface TableText {
  readonly columns: readonly ColumnText[]
  /** CHECK constraints of the table, sorted. */
  readonly checks: readonly string[]
}

/** The parts of a CREATE TABLE that SQLite has taken; empty for CREATE TABLE … AS, which has no such parts. */
export function tableText(sql: string): TableText {
  const columns: ColumnText[] = []
  const checks: string[] = []
  for (const part of partsOf(tokensOf(sql))) {
    const [first, last] = [part[0], part.at(-1)]
    if (first === undefined || last === undefined) continue
    if (CONSTRAINT_WORDS.has(first.text)) checks.push(...clausesOf(part))
    else
      columns.push({
        name: nameOf(first),
        definition: sql.slice(first.start, last.end),
        clauses: clausesOf(part.slice(1)).sort(),
      })
  }
  return { columns, checks: checks.sort() }
}

/** What follows the name in the catalogue's text of a view. */
export function viewBody(sql: string): string {
  return sql.slice(tokensOf(sql)[2]?.end ?? sql.length)
}

/** What follows the name in the catalogue's text of a table. */
export function tableBody(sql: string): string {
  return viewBody(sql)
}

/** What follows the table's name in the catalogue's text of an index: its columns and its WHERE. */
export function indexBody(sql: string): string {
  return sql.slice(tokensOf(sql)[5]?.start ?? sql.length)
}

interface Token {
  /** Bare words in lower case, everything else as it stands. */
  readonly text: string
  readonly start: number
  readonly end: number
}

/** A quoted column of such a name keeps its quotes, and so is none of these. */
const CONSTRAINT_WORDS: ReadonlySet<string> = new Set(['constraint', 'primary', 'unique', 'check', 'foreign'])

const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[\w$.\u0080-\uffff]+|[^\s\w]/g

/** Without comments. */
function tokensOf(sql: string): Token[] {
  const tokens: Token[] = []
  for (const { 0: found, index } of sql.matchAll(TOKENS)) {
    if (found.startsWith('--') || found.startsWith('/*')) continue
    const text = /^[\w$]/.test(found) ? found.toLowerCase() : found
    tokens.push({ text, start: index, end: index + found.length })
  }
  return tokens
}

function normalized(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join('\n')
}

/** What stands between the outer brackets, cut at its commas. */
function partsOf(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = []
  let depth = 0
  let part: Token[] = []
  for (const token of tokens) {
    if (token.text === ')') depth -= 1
    if (depth === 0 && token.text === ')') return [...parts, part]
    if (depth === 1 && token.text === ',') {
      parts.push(part)
      part = []
    } else if (depth > 0) part.push(token)
    if (token.text === '(') depth += 1
  }
  return []
}

/** Clauses of one part that the catalogue does not report, as normalised text. Names of constraints do not count. */
function clausesOf(part: readonly Token[]): string[] {
  const clauses: string[] = []
  for (let at = 0; at < part.length; ) {
    const word = part[at]?.text
    const next = part[at + 1]
    if (word === 'default' || word === 'constraint') at += 2 + bracketsAt(part, at + 1)
    else if (word === 'check' || word === 'as') {
      const length = bracketsAt(part, at + 1)
      clauses.push(`${word} ${normalized(part.slice(at + 1, at + 2 + length))}`)
      at += 2 + length
    } else if (word === 'collate' && next !== undefined) {
      if (nameOf(next) !== 'binary') clauses.push(`collate ${nameOf(next)}`)
      at += 2
    } else {
      if (word === 'desc') clauses.push('desc')
      at += 1 + bracketsAt(part, at)
    }
  }
  return clauses
}

/** How many tokens follow the one at `at` up to its closing bracket; 0 where it opens none. */
function bracketsAt(part: readonly Token[], at: number): number {
  if (part[at]?.text !== '(') return 0
  let depth = 0
  for (let end = at; end < part.length; end += 1) {
    if (part[end]?.text === '(') depth += 1
    if (part[end]?.text === ')') depth -= 1
    if (depth === 0) return end - at
  }
  return part.length - at
}

/** A name without its quotes, folded. */
function nameOf({ text }: Token): string {
  const quote = text.charAt(0)
  if (quote === '[') return foldName(text.slice(1, -1))
  if (!`"'\``.includes(quote)) return foldName(text)
  return foldName(text.slice(1, -1).replaceAll(quote + quote, quote))
}
