/** `patina store purge`: an agent forgets what it holds of tables and columns that its schema lacks. */

import type { Client, PurgeCount } from '@patina/client'
import { type Command, parseArguments, SHARED_OPTIONS, UsageError } from '@patina/program'
import { connect } from '../api-target.ts'
import { followWork } from './follow-work.ts'

const OPTIONS = { ...SHARED_OPTIONS, 'dry-run': 'flag', yes: 'flag' } as const

/** Which tables have something beside them? A step of the index each, however many rows they have (docs/storage.md). */
const TABLES = `WITH RECURSIVE names (name) AS (
  SELECT min("table") FROM __patina_unknown
  UNION ALL SELECT (SELECT min("table") FROM __patina_unknown WHERE "table" > name) FROM names WHERE name IS NOT NULL
) SELECT name FROM names WHERE name IS NOT NULL`

export const storeCommand: Command = {
  usage: 'store purge [TABLE[.COLUMN]] [--dry-run] [--yes]',
  meaning:
    'forget what an agent holds of a table or column that its schema lacks; without a name of all, with --yes',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const [what, name, ...rest] = parsed.positionals
    if (what !== 'purge') throw new UsageError('what to do is missing: purge')
    if (rest.length > 0) throw new UsageError('store purge takes one TABLE or TABLE.COLUMN, or none for all')
    const client = connect(parsed, io.environment)
    const isAll = name === undefined
    const isDry = parsed.flag('dry-run') || (isAll && !parsed.flag('yes'))
    const names = isAll ? await tablesToPurge(client) : [name]
    const counts: { readonly name: string; readonly count: PurgeCount }[] = []
    for (const each of names) counts.push({ name: each, count: await purge(client, each, isDry) })
    if (parsed.flag('json')) {
      const [only] = counts
      const answer = isAll ? counts.map(({ name: table, count }) => ({ table, ...count })) : only?.count
      io.out(`${JSON.stringify(answer)}\n`)
    } else for (const { name: of, count } of counts) io.out(sentence(of, count, isDry))
    if (isAll && counts.length === 0) io.err('there is nothing that the schema lacks\n')
    else if (isAll && isDry && !parsed.flag('dry-run'))
      io.err('nothing is done yet; --yes forgets all of it\n')
    if (!isDry) await followWork(client, io)
    return 0
  },
}

function purge(client: Client, name: string, dryRun: boolean): Promise<PurgeCount> {
  const [table = '', column] = name.split('.', 2)
  return client.purge(table, { column, dryRun })
}

/** Those of which there is something to forget: a misfit stands beside its table, too, and is none. */
async function tablesToPurge(client: Client): Promise<readonly string[]> {
  const tables: string[] = []
  for await (const [table] of client.query(TABLES, [], { numbers: 'text' })) {
    const { cells, rows, complete } = await purge(client, String(table), true)
    if (cells + rows > 0 || !complete) tables.push(String(table))
  }
  return tables
}

function sentence(name: string, { cells, rows, complete }: PurgeCount, isDry: boolean): string {
  const more = complete ? '' : 'more than '
  return `${isDry ? 'would forget' : 'forgets'} ${more}${cells} cells and ${rows} rows of ${name}\n`
}
