/** `patina query SQL`: sends one read-only statement and prints the rows as they come. */
import { StringDecoder } from 'node:string_decoder'
import { findTarget, RequestFailed, reasonOf, refusalOf, sendRequest } from '../api-client.ts'
import { onlyPositional, parseArguments, SHARED_OPTIONS, secondsOption } from '../arguments.ts'
import type { Command } from './command.ts'
import {
  type Cell,
  createPrinter,
  type NumberText,
  parseCells,
  parseFormat,
  type RowPrinter,
} from './format.ts'

const OPTIONS = {
  ...SHARED_OPTIONS,
  param: 'texts',
  format: 'text',
  columns: 'flag',
  timer: 'flag',
  timeout: 'text',
} as const

export const queryCommand: Command = {
  usage: 'query SQL [--param VALUE]… [--format list|table|json|csv] [--columns] [--timer] [--timeout SECS]',
  meaning: 'run a read-only statement; cells are joined by |',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const sql = onlyPositional(parsed, 'SQL')
    const format = parseFormat(parsed.text('format'), parsed.flag('json'))
    const timeout = secondsOption(parsed, 'timeout')
    const target = findTarget(parsed, io.environment)
    const path = timeout === undefined ? '/v1/queries' : `/v1/queries?timeout=${timeout}`
    const response = await sendRequest(target, 'POST', path, [sql, parsed.texts('param')])
    if (!response.ok || response.body === null) throw await refusalOf(response)
    const printer = createPrinter(format, io.out, { header: parsed.flag('columns') })
    const seconds = await printEvents(response.body, printer, io.taken)
    if (parsed.flag('timer')) io.err(`time: ${seconds}s\n`)
    return 0
  },
}

/** Prints a stream of events; returns the seconds that the agent names. Throws RequestFailed. */
export async function printEvents(
  body: AsyncIterable<Uint8Array>,
  printer: RowPrinter,
  taken: () => Promise<void>,
): Promise<string> {
  for await (const line of lines(body)) {
    const event = parseCells(line) as {
      readonly columns?: string[]
      readonly row?: readonly [unknown, Cell[]]
      readonly eoq?: { readonly time?: NumberText }
      readonly error?: string
    }
    if (event.columns !== undefined) printer.columns(event.columns)
    else if (event.row !== undefined) {
      printer.row(event.row[1])
      await taken()
    }
    if (event.error !== undefined) throw new RequestFailed(event.error)
    if (event.eoq !== undefined) {
      printer.end()
      return event.eoq.time?.text ?? '0'
    }
  }
  throw new RequestFailed('the answer ended before its end line')
}

/** Lines of UTF-8 text; a line is as long as the agent makes it. */
async function* lines(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  try {
    for await (const chunk of body) {
      const parts = (rest + decoder.write(chunk)).split('\n')
      rest = parts.pop() as string
      yield* parts.filter((part) => part !== '')
    }
  } catch (cause) {
    if (cause instanceof RequestFailed) throw cause
    throw new RequestFailed(`the connection to the agent broke: ${reasonOf(cause)}`)
  }
  if (rest !== '') yield rest
}
