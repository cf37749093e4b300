/**
 * `patina watch SQL`: the result of a query and each change of it until Ctrl-C. On a terminal a table and then the changes;
 * elsewhere one line per event, as cells joined by `|` or with --json as the API sends it.
 */
import type { SubscriptionEvent, TextCell } from '@patina/client'
import { type Command, type CommandIo, onlyPositional, parseArguments, SHARED_OPTIONS } from '@patina/program'
import { connect } from '../api-target.ts'
import { cellJson, cellText, createPrinter } from './format.ts'

const OPTIONS = { ...SHARED_OPTIONS, param: 'texts' } as const

type Event = SubscriptionEvent<TextCell>

export const watchCommand: Command = {
  usage: 'watch SQL [--param VALUE]…',
  meaning: 'print the result of a query and then its changes, until Ctrl-C',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const sql = onlyPositional(parsed, 'SQL')
    const client = connect(parsed, io.environment)
    const options = { resnapshot: true, numbers: 'text' } as const
    const subscription = client.subscribe([sql, parsed.texts('param')], options)
    io.interrupted().addEventListener('abort', () => subscription.close())
    const print = printerFor(parsed.flag('json'), io)
    for await (const event of subscription) {
      print(event)
      await io.taken()
    }
    return 0
  },
}

function printerFor(json: boolean, io: CommandIo): (event: Event) => void {
  if (json) return (event) => io.out(`${eventJson(event)}\n`)
  return io.terminal ? terminalPrinter(io) : (event) => io.out(`${eventText(event)}\n`)
}

/** A table for each result, then a line for each change. */
function terminalPrinter({ out, err }: CommandIo): (event: Event) => void {
  let table = createPrinter('table', out, { header: true })
  return (event) => {
    if (event.kind === 'columns') {
      table = createPrinter('table', out, { header: true })
      table.columns(event.columns)
    } else if (event.kind === 'row') table.row(event.cells)
    else if (event.kind === 'eoq') {
      table.end()
      err('changes follow; Ctrl-C ends\n')
    } else out(`${SIGN[event.change]} ${line(event.cells)}\n`)
  }
}

const SIGN = { insert: '+', update: '~', delete: '-' } as const

/** What happened, then the cells; for `eoq` the change id. */
function eventText(event: Event): string {
  switch (event.kind) {
    case 'columns':
      return line(['columns', ...event.columns])
    case 'row':
      return line(['row', ...event.cells])
    case 'eoq':
      return `eoq|${event.changeId}`
    case 'change':
      return line([event.change, ...event.cells])
    default:
      throw new TypeError(`unknown event ${(event satisfies never as Event).kind}`)
  }
}

/** One line, whatever is in the cells. */
function line(cells: readonly TextCell[]): string {
  return cells.map(cellText).join('|').replaceAll('\n', '⏎')
}

/** As the API sends it, numbers to the last digit. */
function eventJson(event: Event): string {
  switch (event.kind) {
    case 'columns':
      return JSON.stringify({ columns: event.columns })
    case 'row':
      return `{"row":[${event.rowId},${cellsJson(event.cells)}]}`
    case 'eoq':
      return JSON.stringify({ eoq: { time: event.seconds, change_id: event.changeId } })
    case 'change':
      return `{"change":["${event.change}",${event.rowId},${cellsJson(event.cells)},${event.changeId}]}`
    default:
      throw new TypeError(`unknown event ${(event satisfies never as Event).kind}`)
  }
}

function cellsJson(cells: readonly TextCell[]): string {
  return `[${cells.map(cellJson).join(',')}]`
}
