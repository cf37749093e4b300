/** Changes of a schema as lines for people: what comes (+), what changes (~), what goes (-), and what is kept unnamed. */
import type { SchemaReloaded } from '@patina/client'

export function schemaLines({ changes, kept, rebuilt }: SchemaReloaded): string[] {
  const lines = changes.map((change) => {
    const [what = '', done = ''] = change.kind.split('-')
    const name = change.view ?? [change.table, change.column ?? change.index].filter(Boolean).join('.')
    const sign = SIGNS[done] ?? '?'
    const sql =
      done === 'dropped' || done === 'adopted' || done === 'aborted'
        ? ''
        : `: ${change.sql.replace(/\s+/g, ' ').trim()}`
    return `${sign} ${what} ${name}${sql}`
  })
  const rebuiltLines = rebuilt.map(
    (table) => `  table ${table}: its rows are copied in slices; the change shows when all are`,
  )
  const keptLines = kept.map(({ table, column }) =>
    column === undefined
      ? `= table ${table}: no schema file names it; it is kept`
      : `= column ${table}.${column}: no schema file names it; it is kept`,
  )
  return [...(lines.length === 0 ? ['no changes'] : lines), ...rebuiltLines, ...keptLines]
}

const SIGNS: Readonly<Record<string, string>> = {
  created: '+',
  added: '+',
  adopted: '+',
  changed: '~',
  dropped: '-',
  aborted: '!',
}
