/**
 * Tokens of a statement's text, as far as we read it ourselves: to write equal texts equally, and to prove in simple cases
 * what the rows of a result are (row-identity.ts). Follows SQLite's tokenizer (tokenize.c) in what is a string, a comment,
 * a name and a word. SQLite stays the judge of what a statement means: nothing here decides what may run.
 */

export type SqlToken =
  | { readonly kind: 'word' | 'string' | 'symbol'; readonly text: string }
  /** A quoted name; `text` is as written, `name` without its quotes. `"x"` may be a string to SQLite, too. */
  | { readonly kind: 'name'; readonly text: string; readonly name: string }

/** No alternative is tried twice at one place, so that the cost is linear in the text. */
const TOKENS: RegExp =
  /(?<blank>[ \t\n\f\r]+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>[xX]?'(?:[^']+|'')*'?)|(?<name>"(?:[^"]+|"")*"?|`(?:[^`]+|``)*`?|\[[^\]]*\]?)|(?<word>[\w$\u0080-\uffff]+)|[\s\S]/g

export function sqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = []
  for (const { 0: text, groups } of sql.matchAll(TOKENS)) {
    if (groups?.blank !== undefined) continue
    if (groups?.name !== undefined) tokens.push({ kind: 'name', text, name: unquoted(text) })
    else if (groups?.string !== undefined) tokens.push({ kind: 'string', text })
    else tokens.push({ kind: groups?.word === undefined ? 'symbol' : 'word', text })
  }
  return tokens
}

/**
 * The text with one space for each run of blanks and comments, and without semicolons at its ends. Texts that are equal
 * then mean the same to SQLite, but for names of columns that it takes from the text of an expression.
 */
export function normalisedSql(sql: string): string {
  const matches = [...sql.matchAll(TOKENS)]
  let text = ''
  for (const { 0: token, groups } of matches) text += groups?.blank === undefined ? token : '\0'
  // A NUL cannot be part of a statement, so it stands for blanks without touching those inside of strings.
  return text.replace(/^[\0;]+|[\0;]+$/g, '').replace(/\0+/g, ' ')
}

function unquoted(text: string): string {
  const quote = text.charAt(0)
  const inner = text.slice(1, text.endsWith(quote === '[' ? ']' : quote) && text.length > 1 ? -1 : undefined)
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote)
}
