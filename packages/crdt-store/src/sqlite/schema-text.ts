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
