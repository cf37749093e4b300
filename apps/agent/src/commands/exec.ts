/** `patina exec SQL`: runs one statement as a transaction and prints how many rows it affected. */
import { findTarget, refusalOf, sendRequest } from '../api-client.ts'
import { onlyPositional, parseArguments, SHARED_OPTIONS, secondsOption } from '../arguments.ts'
import type { Command } from './command.ts'

const OPTIONS = { ...SHARED_OPTIONS, param: 'texts', timer: 'flag', timeout: 'text' } as const

export const execCommand: Command = {
  usage: 'exec SQL [--param VALUE]… [--timer] [--timeout SECS]',
  meaning: 'run a writing statement as one transaction',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const sql = onlyPositional(parsed, 'SQL')
    const timeout = secondsOption(parsed, 'timeout')
    const target = findTarget(parsed, io.environment)
    const path = timeout === undefined ? '/v1/transactions' : `/v1/transactions?timeout=${timeout}`
    const response = await sendRequest(target, 'POST', path, [[sql, parsed.texts('param')]])
    if (!response.ok) throw await refusalOf(response)
    const text = await response.text()
    const answer = JSON.parse(text) as {
      readonly time: number
      readonly results: { rows_affected: number }[]
    }
    if (parsed.flag('json')) io.out(`${text}\n`)
    else
      io.out(`Rows affected: ${answer.results.reduce((sum, { rows_affected }) => sum + rows_affected, 0)}\n`)
    if (parsed.flag('timer')) io.err(`Run Time: real ${answer.time}\n`)
    return 0
  },
}
