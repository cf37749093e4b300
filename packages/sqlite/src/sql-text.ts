/**
 * What we read from the text of a statement ourselves, because SQLite's interfaces for Node do not tell it: the names of
 * its parameters, whether anything but blanks and comments is left behind its end, and its first keywords. The scanner
 * follows SQLite's tokenizer (tokenize.c) in what is a string, a comment, an identifier and a variable, and no further.
 * SQLite stays the judge of what a statement does (inspect.ts).
 */

/** SQLITE_MAX_VARIABLE_NUMBER of better-sqlite3's build. */
const PARAMETERS_MAX = 32_766

/** EXPLAIN QUERY PLAN and the word behind it. */
const FIRST_WORDS_MAX = 4

/**
 * Tokens that are parameters, and those that may hide one: strings and quoted names (a doubled quote reads as two
 * strings side by side, which hides the same), comments, words (`a$b` is a word). No alternative is tried twice at one
 * place, so that the cost is linear in the text.
 */
const TOKENS: RegExp =
  /'[^']*'?|"[^"]*"?|`[^`]*`?|\[[^\]]*\]?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\?\d*|[:@#$](?:::|[\w$\u0080-\uffff])+|[\w$\u0080-\uffff]+/g

/**
 * The parameters of one statement in the order of their indexes, first index 1. A name keeps its prefix (`:a`, `?2`);
 * null is a bare `?`, or an index that only a larger `?NNN` implies.
 */
export function parameterNames(sql: string): readonly (string | null)[] {
  if (!/[?:@$#]/.test(sql)) return []
  const names: (string | null)[] = []
  const known = new Set<string>()
  for (const [token] of sql.matchAll(TOKENS)) {
    if (token === '?') names.push(null)
    else if (token.startsWith('?')) placeNumbered(names, token)
    else if (/^[:@#$]/.test(token) && !known.has(token)) {
      known.add(token)
      names.push(token)
    }
  }
  return names
}

/**
 * True when `text` is nothing to SQLite: blanks, semicolons, comments. What is not known to be blank counts as text, as
 * do blanks of Unicode. Written by hand: a regular expression may try a comment again with a later end.
 */
export function isBlank(text: string): boolean {
  return blankUntil(text, 0) >= text.length
}

/** The first words in upper case, at most four; comments and semicolons are skipped. */
export function firstWords(sql: string): readonly string[] {
  const words: string[] = []
  let at = 0
  while (words.length < FIRST_WORDS_MAX) {
    at = blankUntil(sql, at)
    if (sql.charCodeAt(at) === BYTE_ORDER_MARK) at += 1
    WORD.lastIndex = at
    const word = WORD.exec(sql)?.[0]
    if (word === undefined) break
    words.push(word.toUpperCase())
    at += word.length
  }
  return words
}

const WORD: RegExp = /\w+/y
const BYTE_ORDER_MARK = 0xfeff

export interface TextStatement {
  /** Without the semicolon behind it. */
  readonly sql: string
  /** Line of its first token in the text, from 1. */
  readonly line: number
}

/**
 * The statements of a text, blank ones left out. Semicolons in strings, names and comments do not count; those inside a
 * trigger's body do, so a caller that meets CREATE TRIGGER must stop there.
 */
export function splitStatements(text: string): TextStatement[] {
  const statements: TextStatement[] = []
  let start = 0
  const push = (end: number): void => {
    const sql = text.slice(start, end)
    const first = start + blankUntil(sql, 0)
    if (first < end) statements.push({ sql, line: text.slice(0, first).split('\n').length })
    start = end + 1
  }
  for (const token of text.matchAll(SEMICOLONS)) if (token[0] === ';') push(token.index)
  push(text.length)
  return statements
}

/** Semicolons, and the tokens that may hide one. */
const SEMICOLONS: RegExp = /'[^']*'?|"[^"]*"?|`[^`]*`?|\[[^\]]*\]?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|;/g

/** Where the first token at or behind `from` begins; the length of the text when there is none. */
function blankUntil(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    if (' \t\n\f\r;'.includes(text.charAt(at))) at += 1
    else if (text.startsWith('--', at)) at = endOr(text.indexOf('\n', at), text)
    // SQLite takes `/*` at the very end of a text for an operator.
    else if (text.startsWith('/*', at) && at + 2 < text.length)
      at = endOr(text.indexOf('*/', at + 2), text, 2)
    else return at
  }
  return at
}

function endOr(found: number, text: string, length = 1): number {
  return found === -1 ? text.length : found + length
}

/** `?NNN` names index NNN, unless it has a name, and makes the indexes below exist. SQLite refuses larger numbers. */
function placeNumbered(names: (string | null)[], token: string): void {
  const index = Math.min(Number(token.slice(1)), PARAMETERS_MAX)
  while (names.length < index) names.push(null)
  if (index >= 1) names[index - 1] ??= token
}
