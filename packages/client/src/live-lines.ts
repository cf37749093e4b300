/**
 * The lines of an answer without an end. The agent is asked to break its silence with empty lines; where it does, a longer
 * silence means that the connection is dead. Agents that do not know the wish (the original) may be silent for ever.
 */
import type { Answer } from './answer.ts'
import { ConnectionError } from './error.ts'
import { LineSplitter } from './ndjson.ts'

/** What asks for the empty lines, in seconds; three in a row may get lost before the default of `silenceMs`. */
export const KEEP_ALIVE = 'keep_alive=15'

export interface LiveLinesOptions {
  /** Silence that means a break, once the agent has sent an empty line. */
  readonly silenceMs: number
  readonly lineCharsMax: number
}

/** Every line as it comes, also the empty ones. It has no good end: throws ConnectionError, ProtocolError. */
export async function* liveLines(
  answer: Answer,
  { silenceMs, lineCharsMax }: LiveLinesOptions,
): AsyncGenerator<string, never, undefined> {
  const splitter = new LineSplitter(lineCharsMax)
  let keptAlive = false
  for await (const chunk of answer.chunks(() => (keptAlive ? silenceMs : Number.POSITIVE_INFINITY)))
    for (const line of splitter.push(chunk)) {
      keptAlive ||= isBlank(line)
      yield line
    }
  throw new ConnectionError('broken', answer.address, 'the stream ended')
}

export function isBlank(line: string): boolean {
  return line.trim() === ''
}
