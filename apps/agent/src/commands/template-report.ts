/**
 * What `patina template` tells: a log line or a JSON line for each thing that happens, and the figures of each template for
 * metrics and status.
 */
import { unreachable } from '@patina/base'
import type { Shrinkage, SourceEvent, TemplateEvent, TemplateJob } from '@patina/templating'
import type { Logger } from 'pino'

export type ReportedEvent = TemplateEvent | SourceEvent

/** One template, as /status has it. */
export interface TemplateState {
  readonly source: string
  readonly destination: string
  /** `waiting`: nothing was rendered yet. `failed`: the last good file stands. */
  state: 'waiting' | 'current' | 'held' | 'failed'
  /** Of the state, in words. */
  reason: string | null
  queries: number
  /** Unix ms; null: not by this process. */
  written_at_ms: number | null
  /** How the last command ended. */
  command: string | null
}

/** Takes an event into account. */
export function applyEvent(state: TemplateState, event: TemplateEvent, wallMs: number): void {
  switch (event.kind) {
    case 'rendered':
      state.queries = event.queries
      return
    case 'written':
      state.written_at_ms = wallMs
      Object.assign(state, CURRENT)
      return
    case 'unchanged':
      Object.assign(state, CURRENT)
      return
    case 'held':
      Object.assign(state, { state: 'held', reason: shrinkageText(event.shrunk) })
      return
    case 'failed':
      Object.assign(state, { state: 'failed', reason: failureText(event.failure) })
      return
    case 'command':
      state.command = commandText(event)
      return
    default:
  }
}

const CURRENT = { state: 'current', reason: null } as const

/** As a line of the log. */
export function logEvent(log: Logger, event: ReportedEvent, job: TemplateJob | undefined): void {
  const { level, text, ...fields } = lineOf(event)
  log[level]({ ...(job === undefined ? {} : { file: job.destination }), ...fields }, text)
}

interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly text: string
  readonly [field: string]: unknown
}

function lineOf(event: ReportedEvent): Line {
  switch (event.kind) {
    case 'rendered':
      return { level: 'debug', text: 'rendered', ms: Math.round(event.ms), queries: event.queries }
    case 'unchanged':
      return { level: 'debug', text: 'the file has this content already' }
    case 'written':
      return event.ownerKept
        ? { level: 'info', text: 'written', bytes: event.bytes }
        : {
            level: 'warn',
            text: 'written, with another owner: this process may not keep it',
            bytes: event.bytes,
          }
    case 'held':
      return {
        level: 'warn',
        text: `held, the last file stays: ${shrinkageText(event.shrunk)}; SIGUSR2 lets it through`,
        for: Number.isFinite(event.forMs) ? `${Math.round(event.forMs / 1_000)}s` : 'ever',
      }
    case 'let-through':
      return { level: 'warn', text: `let through: ${shrinkageText(event.shrunk)}` }
    case 'failed':
      return { level: 'error', text: `the last file stays: ${failureText(event.failure)}` }
    case 'command':
      return commandLine(event)
    case 'source-lost':
      return { level: 'warn', text: `rows stay as they are: ${event.reason}`, sql: event.sql }
    case 'source-back':
      return { level: 'info', text: 'rows are current again', sql: event.sql }
    default:
      return unreachable(event)
  }
}

function commandLine(event: Extract<TemplateEvent, { kind: 'command' }>): Line {
  const { argv, outcome } = event
  const { end, ms, output } = outcome
  const level = end.kind === 'exit' && end.code === 0 ? 'info' : 'error'
  const said = output.trimEnd() === '' ? {} : { output: output.trimEnd() }
  return { level, text: `${argv[0]}: ${commandText(event)}`, ms: Math.round(ms), ...said }
}

/** As a line of JSON. */
export function eventJson(event: ReportedEvent, job: TemplateJob | undefined): string {
  const { kind, ...rest } = event
  const place = job === undefined ? {} : { source: job.source, destination: job.destination }
  return JSON.stringify({ event: kind, ...place, ...rest })
}

export function commandText({ outcome: { end } }: Extract<TemplateEvent, { kind: 'command' }>): string {
  switch (end.kind) {
    case 'exit':
      return `exit code ${end.code}`
    case 'signal':
      return `ended by ${end.signal}`
    case 'timeout':
      return 'it did not end in time'
    case 'unstarted':
      return `it could not be started: ${end.reason}`
    default:
      return unreachable(end)
  }
}

export function failureText({
  message,
  file,
  line,
}: Extract<TemplateEvent, { kind: 'failed' }>['failure']): string {
  const place = file === undefined ? '' : line === undefined ? `${file}: ` : `${file}:${line}: `
  return `${place}${message}`
}

function shrinkageText(shrunk: readonly Shrinkage[]): string {
  return shrunk.map(({ name, from, to }) => `${from} → ${to} rows of ${name}`).join(', ')
}
