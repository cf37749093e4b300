/** What the renderer and its process say to each other. Structured clone: bigint and bytes pass as they are. */
import type { Query } from './core/query.ts'
import type { Outcome } from './outcome.ts'

/** Different queries of one render. Each is a live result at the agent. */
export const CALLS_MAX = 1_000

export interface RenderRequest {
  readonly id: number
  /** Path of the template. */
  readonly source: string
  readonly values: { readonly [name: string]: unknown }
  /** Keys of the results that this template has asked for. Others may be there, and may be of another time. */
  readonly uses: readonly string[]
  /** By queryKey: results that the process does not have in this form. */
  readonly results: readonly (readonly [key: string, outcome: Outcome])[]
  /** Results that nobody uses any more. */
  readonly forget: readonly string[]
  readonly timeoutMs: number
  readonly outputBytesMax: number
}

export interface RenderCall extends Query {
  readonly key: string
  /** For the guard; false: not counted. */
  readonly maxShrink: number | false | undefined
}

/** A file that was read, and what it was; null: it could not be read. */
export interface FileStamp {
  readonly path: string
  readonly stamp: string | null
}

export type RenderOutcome =
  | { readonly kind: 'output'; readonly text: string }
  /** Queries were asked whose results were not there: `calls` has them. */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'failed'; readonly failure: RenderFailure }

export interface RenderFailure {
  readonly message: string
  readonly file?: string | undefined
  /** From 1. */
  readonly line?: number | undefined
  /** It was stopped: by time, or by its end. */
  readonly stopped?: true
}

export interface RenderAnswer {
  readonly id: number
  readonly outcome: RenderOutcome
  readonly calls: readonly RenderCall[]
  readonly files: readonly FileStamp[]
  /** Of the texts of all templates that took part. */
  readonly digest: string
}

/** The first message of the process. */
export interface RenderReady {
  readonly id: 0
}
