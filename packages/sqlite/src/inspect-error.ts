/**
 * Why a client's statement is refused: stable codes and the sentences that go with them. Nothing has run, nothing has
 * changed, and the statement is at fault. Codes are part of the HTTP interface (apps/agent/README.md, "HTTP API"): never rename one.
 */

export type InspectCode =
  | 'transaction-control'
  | 'attach'
  | 'detach'
  | 'reindex'
  | 'analyze'
  | 'vacuum'
  | 'pragma'
  | 'ddl'
  | 'extension'
  | 'internal-table'
  | 'multiple-statements'
  | 'not-read-only'
  | 'empty'
  | 'too-long'
  | 'bad-text'
  | 'syntax'
  | 'unknown-table'
  | 'unknown-column'
  | 'unknown-function'
  /** SQLite refuses it for another reason; the sentence is SQLite's. */
  | 'invalid'
  /** SQLite reported no action for it, so that we cannot know what it does. */
  | 'unknown-statement'

export interface InspectError {
  readonly code: InspectCode
  readonly message: string
}

export function refusal(code: InspectCode, detail?: string): InspectError {
  return { code, message: detail === undefined ? SENTENCES[code] : `${SENTENCES[code]}: ${detail}` }
}

/** The code for a message of SQLite, which is kept as the sentence: clients know it. */
export function refusalOfSqlite(message: string): InspectError {
  // How SQLite says that its limit of instructions is reached.
  if (message === 'out of memory') return refusal('too-long', 'compiled, it is too large')
  if (/may not be modified$/.test(message)) return refusal('internal-table', message)
  const table = /^no such table: (?:\w+\.)?(.*)$/.exec(message)
  if (table !== null && isInternalName(table[1] as string)) return refusal('internal-table', message)
  for (const [pattern, code] of CODES) if (pattern.test(message)) return { code, message }
  return { code: 'invalid', message }
}

/** Tables that only Patina and SQLite write. */
export function isInternalName(table: string): boolean {
  const name = table.toLowerCase()
  return name.includes('__patina_') || name.startsWith('sqlite_')
}

const CODES: readonly (readonly [RegExp, InspectCode])[] = [
  [/^no such table: /, 'unknown-table'],
  [/^no such column: |^table .* has no column named /, 'unknown-column'],
  [/^no such function: /, 'unknown-function'],
  [/syntax error$|^unrecognized token|^incomplete input$/, 'syntax'],
]

const SENTENCES: { readonly [code in InspectCode]: string } = {
  'transaction-control':
    'BEGIN, COMMIT, ROLLBACK, SAVEPOINT and RELEASE are not allowed: one request is one transaction',
  attach: 'ATTACH is not allowed: an agent serves one database',
  detach: 'DETACH is not allowed: an agent serves one database',
  reindex: 'REINDEX is not allowed: the agent maintains its file itself',
  analyze: 'ANALYZE is not allowed: the agent maintains its file itself',
  vacuum: 'VACUUM is not allowed: the agent maintains its file itself; use its backup command for a copy',
  pragma: 'PRAGMA and pragma_ tables are not allowed: settings belong to the agent',
  ddl: 'the schema cannot be changed by a statement: change the schema files and reload them',
  extension: 'extensions and functions of SQLite that reach outside of the database are not allowed',
  'internal-table': 'tables of Patina and of SQLite itself cannot be written',
  'multiple-statements': 'a text holds one statement: send the others as statements of their own',
  'not-read-only': 'statement is not readonly',
  empty: 'there is no statement in this text',
  'too-long': 'the text of the statement is too long; pass data as parameters',
  'bad-text': 'the text of the statement holds a NUL or is not well-formed Unicode',
  syntax: 'syntax error',
  'unknown-table': 'no such table',
  'unknown-column': 'no such column',
  'unknown-function': 'no such function',
  invalid: 'SQLite refuses this statement',
  'unknown-statement': 'this kind of statement is not allowed',
}
