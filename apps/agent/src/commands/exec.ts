/** `patina exec SQL`: runs one statement as a transaction and prints how many rows it affected. */
import type { Outcome } from '@patina/client'
import {
  type Command,
  numberOption,
  onlyPositional,
  parseArguments,
  SHARED_OPTIONS,
  secondsOption,
} from '@patina/program'
import { connect } from '../api-target.ts'

const OPTIONS = { ...SHARED_OPTIONS, param: 'texts', timer: 'flag', timeout: 'text', wait: 'text' } as const

export const execCommand: Command = {
  usage: 'exec SQL [--param VALUE]… [--timer] [--timeout SECS] [--wait MEMBERS]',
  meaning: 'run a writing statement as one transaction',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const sql = onlyPositional(parsed, 'SQL')
    const timeout = secondsOption(parsed, 'timeout')
    const wait = numberOption(parsed, 'wait', 'number of other members')
    const client = connect(parsed, io.environment)
    const outcome = await client.execute([[sql, parsed.texts('param')]], { timeout, wait })
    if (parsed.flag('json')) io.out(`${JSON.stringify(envelopeOf(outcome))}\n`)
    else
      io.out(`Rows affected: ${outcome.results.reduce((sum, { rowsAffected }) => sum + rowsAffected, 0)}\n`)
    if (parsed.flag('timer')) io.err(`Run Time: real ${outcome.seconds}\n`)
    return 0
  },
}

/** As the API writes it. */
function envelopeOf({ results, seconds, version, actor }: Outcome): object {
  return {
    results: results.map((result) => ({ rows_affected: result.rowsAffected, time: result.seconds })),
    time: seconds,
    version,
    actor_id: actor,
  }
}
