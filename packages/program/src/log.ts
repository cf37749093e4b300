/** The agent's log: pino to stderr, as JSON lines or as plain text lines `time level message key=value …`. */
import { writeSync } from 'node:fs'
import { type DestinationStream, type Logger, pino } from 'pino'

export interface LogOptions {
  readonly level: string
  readonly format: 'plaintext' | 'json'
}

const STDERR = 2

const LEVELS: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
}

/** `write` takes whole lines. */
export function createLog({ level, format }: LogOptions, write: (line: string) => void = toStderr): Logger {
  const destination: DestinationStream = {
    write: (line) => write(format === 'json' ? line : plainLine(line)),
  }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/** One JSON line of pino as text for people. */
export function plainLine(line: string): string {
  const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown>
  const fields = Object.entries(rest).map(([key, value]) => ` ${key}=${fieldText(value)}`)
  return `${time} ${(LEVELS[Number(level)] ?? String(level)).padEnd(5)} ${msg ?? ''}${fields.join('')}\n`
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return /[\s="]/.test(value) || value === '' ? JSON.stringify(value) : value
  return JSON.stringify(value)
}

/**
 * Straight to the descriptor: a stream that has failed once (disk full, reader gone) would stay closed and end the
 * process. A line that cannot be written is lost; what the agent does is worth more than its log.
 */
function toStderr(line: string): void {
  try {
    writeSync(STDERR, line)
  } catch {
    // The next line is tried again: space may return.
  }
}
