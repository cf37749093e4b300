/**
 * Classification: what a statement is by its words alone, for statements that the product has let through. It reads the text
 * with its own tokens and knows the rule of the interface (one statement, a table of the user's, nothing of SQLite's or
 * Patina's), not the product's way to it. Too strict where a text is odd is fine: such texts must then be refused anyway.
 */
import { fold, nameOf, solidTokens, type Token } from './tokens.ts'

export type Class =
  | { readonly kind: 'write'; readonly table: string }
  | { readonly kind: 'read' }
  | { readonly kind: 'illegal'; readonly why: string }

/** `tables`: folded names that a client may write. */
export function classify(sql: string, tables: ReadonlySet<string>): Class {
  if (sql.includes('\0') || !sql.isWellFormed()) return illegal('text')
  const tokens = withoutDead(withoutEnds(solidTokens(sql)))
  if (tokens.length === 0) return illegal('empty')
  if (tokens.some(({ kind }) => kind === 'bad')) return illegal('a text that does not end')
  if (tokens.some(({ text }) => text === ';')) return illegal('a second statement')
  const outside = tokens.find(reachesOutside)
  if (outside !== undefined) return illegal(outside.text)
  if (isWord(tokens[0], 'explain')) return { kind: 'read' }
  const verb = mainVerb(tokens)
  if (verb === undefined) return illegal('no verb')
  if (isWord(tokens[verb], 'select') || isWord(tokens[verb], 'values')) return { kind: 'read' }
  const table = targetOf(tokens, verb)
  return table !== undefined && tables.has(table)
    ? { kind: 'write', table }
    : illegal(`a write to ${table ?? 'something'}`)
}

function illegal(why: string): Class {
  return { kind: 'illegal', why }
}

/** Semicolons before and behind are nothing. */
function withoutEnds(tokens: readonly Token[]): Token[] {
  const first = tokens.findIndex(({ text }) => text !== ';')
  const last = tokens.findLastIndex(({ text }) => text !== ';')
  return first < 0 ? [] : tokens.slice(first, last + 1)
}

/** Each name is looked for in all tokens; a text of more is one that has grown. */
const LOOKED_AT_MAX = 400

/** Common table expressions that nobody names: SQLite does not look at what is in them, and runs nothing of it. */
function withoutDead(tokens: readonly Token[]): Token[] {
  const kept = [...tokens]
  for (let at = 1; at < Math.min(kept.length, LOOKED_AT_MAX); at += 1) {
    const body = bodyOf(kept, at)
    if (body === undefined) continue
    const name = nameOf(kept[at] as Token)
    const isNamed = kept.some(
      (token, i) => (i < at || i > body.last) && nameOf(token) === name && mayBeName(kept, i),
    )
    if (!isNamed) kept.splice(body.first, body.last - body.first)
  }
  return kept
}

/** A text in quotes is a name only where a table stands. */
function mayBeName(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  return (
    tokens[at]?.kind !== 'string' || isWord(before, 'from') || isWord(before, 'join') || before?.text === ','
  )
}

/** `name (columns) AS NOT MATERIALIZED ( … )` behind WITH or a comma: where its inside is. */
function bodyOf(
  tokens: readonly Token[],
  name: number,
): { readonly first: number; readonly last: number } | undefined {
  const before = tokens[name - 1]
  if (!isWord(before, 'with') && !isWord(before, 'recursive') && before?.text !== ',') return undefined
  let at = name + 1
  if (tokens[at]?.text === '(') at = closing(tokens, at) + 1
  if (!isWord(tokens[at], 'as')) return undefined
  while (['as', 'not', 'materialized'].some((word) => isWord(tokens[at], word))) at += 1
  return tokens[at]?.text === '(' ? { first: at + 1, last: closing(tokens, at) } : undefined
}

/** The place of the parenthesis that closes the one at `open`. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at]?.text === '(') depth += 1
    if (tokens[at]?.text === ')') depth -= 1
    if (depth === 0) return at
  }
  return tokens.length
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && fold(token.text) === word
}

/** Names that have nothing to do in a statement, called or read. The generator uses them for nothing else. */
function reachesOutside(token: Token, at: number, all: readonly Token[]): boolean {
  const name = token.kind === 'word' || token.kind === 'quoted' ? nameOf(token) : undefined
  if (name === undefined) return false
  if (
    all[at + 1]?.text === '(' &&
    /^(load_extension|fts3_tokenizer|readfile|writefile|edit|patina_)/.test(name)
  )
    return true
  const before = all[at - 1]
  const isSource = isWord(before, 'from') || isWord(before, 'join') || before?.text === ','
  return isSource && name.startsWith('pragma_') && !isColumnList(all, at)
}

/** `SELECT a, pragma_x`: a name in a list that no FROM has opened is a column, and there is none. */
function isColumnList(all: readonly Token[], at: number): boolean {
  const before = all
    .slice(0, at)
    .findLast((token) => ['from', 'select', 'join'].some((word) => isWord(token, word)))
  return isWord(before, 'select')
}

/** Where the word stands that says what is done, behind the common table expressions. */
function mainVerb(tokens: readonly Token[]): number | undefined {
  const verbs = ['select', 'values', 'insert', 'replace', 'update', 'delete']
  if (!isWord(tokens[0], 'with')) return verbs.some((verb) => isWord(tokens[0], verb)) ? 0 : undefined
  let depth = 0
  for (const [at, token] of tokens.entries()) {
    if (token.text === '(') depth += 1
    else if (token.text === ')') depth -= 1
    else if (depth === 0 && tokens[at - 1]?.text === ')' && verbs.some((verb) => isWord(token, verb)))
      return at
  }
  return undefined
}

/** The table that is written, folded; undefined where the words do not say one of the main database. */
function targetOf(tokens: readonly Token[], verb: number): string | undefined {
  let at = verb + 1
  if (isWord(tokens[at], 'or')) at += 2
  if (isWord(tokens[at], 'into') || isWord(tokens[at], 'from')) at += 1
  const first = tokens[at]
  if (first === undefined) return undefined
  if (tokens[at + 1]?.text !== '.') return nameOf(first)
  const target = tokens[at + 2]
  return nameOf(first) === 'main' && target !== undefined ? nameOf(target) : undefined
}
