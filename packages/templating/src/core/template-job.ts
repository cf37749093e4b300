/**
 * What one template is to do: where it is, where its output goes, what runs then, and its limits. Also the short form
 * `SOURCE:DESTINATION[:COMMAND]` of a command line. Pure.
 */
import { err, type Millis, millis, ok, type Result } from '@patina/base'
import { splitWords } from './command-words.ts'
import type { Quiescence } from './quiescence.ts'

export interface TemplateJob {
  readonly source: string
  readonly destination: string
  /** Program and arguments; empty: none. */
  readonly command: readonly string[]
  /** Added to the environment of the command. */
  readonly environment: { readonly [name: string]: string }
  readonly commandTimeoutMs: Millis
  /** Sent to a command that passes its time; SIGKILL follows. */
  readonly killSignal: string
  readonly wait: Quiescence
  /** Of a new file, and kept on the old one where undefined. */
  readonly mode: number | undefined
  /** The replaced content stays beside the file as `.bak`. */
  readonly backup: boolean
  /** undefined: no guard. */
  readonly guard: { readonly maxShrink: number; readonly holdMs: Millis } | undefined
  readonly renderTimeoutMs: Millis
  readonly outputBytesMax: number
  /** What the template sees as `it`. */
  readonly values: { readonly [name: string]: unknown }
}

export type TemplateSettings = Omit<TemplateJob, 'source' | 'destination' | 'command'>

/** Derivations: docs/templates.md, "Limits and defaults". */
export const TEMPLATE_DEFAULTS: TemplateSettings = {
  environment: {},
  commandTimeoutMs: millis(30_000),
  killSignal: 'SIGTERM',
  wait: { quietMs: millis(50), ceilingMs: millis(1_000) },
  mode: undefined,
  backup: false,
  guard: { maxShrink: 0.8, holdMs: millis(300_000) },
  renderTimeoutMs: millis(2_000),
  outputBytesMax: 16 * 1024 * 1024,
  values: {},
}

/** Colons part it; a backslash before a colon keeps it in a path. The error is a sentence. */
export function parseSpec(
  spec: string,
): Result<Pick<TemplateJob, 'source' | 'destination' | 'command'>, string> {
  const [, source = '', destination = '', line = ''] =
    /^((?:\\.|[^:\\])*):((?:\\.|[^:\\])*)(?::([\s\S]*))?$/.exec(spec) ?? []
  if (source === '' || destination === '') return err(`${spec} is not SOURCE:DESTINATION[:COMMAND]`)
  const command = splitWords(line)
  if (!command.ok) return err(`the command of ${spec}: ${command.error}`)
  return ok({ source: unescaped(source), destination: unescaped(destination), command: command.value })
}

function unescaped(path: string): string {
  return path.replaceAll('\\:', ':')
}
