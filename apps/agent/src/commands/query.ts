/** `patina query SQL`: sends one read-only statement and prints the rows as they come. */

import { type Command, onlyPositional, parseArguments, SHARED_OPTIONS, secondsOption } from '@patina/program'
import { connect } from '../api-target.ts'
import { createPrinter, parseFormat } from './format.ts'

const OPTIONS = {
  ...SHARED_OPTIONS,
  param: 'texts',
  format: 'text',
  columns: 'flag',
  timer: 'flag',
  timeout: 'text',
  'max-age': 'text',
} as const

export const queryCommand: Command = {
  usage:
    'query SQL [--param VALUE]… [--format list|table|json|csv] [--columns] [--timer] [--timeout SECS] [--max-age SECS]',
  meaning: 'run a read-only statement; cells are joined by |',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const sql = onlyPositional(parsed, 'SQL')
    const format = parseFormat(parsed.text('format'), parsed.flag('json'))
    const timeout = secondsOption(parsed, 'timeout')
    const maxAge = secondsOption(parsed, 'max-age')
    const client = connect(parsed, io.environment)
    const query = client.query(sql, parsed.texts('param'), { timeout, maxAge, numbers: 'text' })
    const printer = createPrinter(format, io.out, { header: parsed.flag('columns') })
    printer.columns(await query.columns())
    for await (const cells of query) {
      printer.row(cells)
      await io.taken()
    }
    printer.end()
    if (parsed.flag('timer')) io.err(`time: ${query.seconds}s\n`)
    return 0
  },
}
