/**
 * Words of a CREATE statement outside strings, quoted names and comments: for the few clauses that SQLite's catalogue
 * does not report (ON CONFLICT, CHECK, REFERENCES).
 */
const SKIPPED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g

/** True where the bare word (lower case) stands in the statement. */
export function hasWord(sql: string, word: string): boolean {
  return bareWords(sql).includes(word)
}

/** True for ON CONFLICT in a constraint. */
export function hasConflictClause(sql: string): boolean {
  const words = bareWords(sql)
  return words.some((word, i) => word === 'on' && words[i + 1] === 'conflict')
}

function bareWords(sql: string): string[] {
  return (
    sql
      .replace(SKIPPED, ' ')
      .toLowerCase()
      .match(/[a-z_][a-z0-9_$]*/g) ?? []
  )
}

/** True where two CREATE statements differ in white space, comments and the case of bare words alone. */
export function sameSql(a: string, b: string): boolean {
  return tokens(a).join('\n') === tokens(b).join('\n')
}

function tokens(sql: string): string[] {
  const found = sql.match(TOKENS) ?? []
  return found
    .filter((token) => !token.startsWith('--') && !token.startsWith('/*'))
    .map((token) => (/^[\w$]/.test(token) ? token.toLowerCase() : token))
}

const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[\w$.]+|[^\s\w]/g
