/** `patina store purge`: an agent forgets what it holds of tables and columns that its schema lacks. */

import { type Command, parseArguments, SHARED_OPTIONS, UsageError } from '@patina/program'
import { connect } from '../api-target.ts'
import { followWork } from './follow-work.ts'

const OPTIONS = { ...SHARED_OPTIONS, 'dry-run': 'flag' } as const

export const storeCommand: Command = {
  usage: 'store purge TABLE[.COLUMN] [--dry-run]',
  meaning: 'forget what an agent holds of a table or column that its schema lacks',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const [what, name, ...rest] = parsed.positionals
    if (what !== 'purge') throw new UsageError('what to do is missing: purge')
    if (name === undefined || rest.length > 0)
      throw new UsageError('store purge takes one TABLE or TABLE.COLUMN')
    const client = connect(parsed, io.environment)
    const [table = '', column] = name.split('.', 2)
    const dryRun = parsed.flag('dry-run')
    const count = await client.purge(table, { column, dryRun })
    const { cells, rows, complete } = count
    const more = complete ? '' : 'more than '
    if (parsed.flag('json')) io.out(`${JSON.stringify(count)}\n`)
    else io.out(`${dryRun ? 'would forget' : 'forgets'} ${more}${cells} cells and ${rows} rows of ${name}\n`)
    if (!dryRun) await followWork(client, io)
    return 0
  },
}
