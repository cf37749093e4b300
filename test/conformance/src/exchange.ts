/**
 * The form of the recorded table: what a client sends, and what the interface of superfly/corrosion (commit 0d0dd7a)
 * answers, as texts with places for what differs from run to run (pattern.ts). Each scenario says in words which
 * behaviour it holds; where Patina differs on purpose, the answer names the difference (differences.ts).
 */
import type { DifferenceName } from './differences.ts'

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `{live}` is the id that the stream `live` of this scenario got. */
  readonly path: string
  /** Names in lower case. A body without a `content-type` here is sent as application/json; '' sends none. */
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string
}

export interface Answer {
  readonly status: number
  /** Patterns, with ids as in a path; null: the header is absent. Others are not looked at. */
  readonly headers?: { readonly [name: string]: string | null }
  /** A pattern of the whole body. */
  readonly body?: string
  /** Patterns of the lines of NDJSON; of a stream that stays open, of its first lines. */
  readonly lines?: readonly string[]
  readonly differs?: readonly DifferenceName[]
}

/** One request and its answer, to the end of the body, or with `open` to the lines that are named. */
export interface Exchange {
  readonly ask: Request
  readonly answer: Answer
  /** The name of a stream that stays open. */
  readonly open?: string
}

/** What a stream that is open says next; `ends`: and nothing more. */
export interface Continuation {
  readonly next: string
  readonly lines: readonly string[]
  readonly ends?: true
  readonly differs?: readonly DifferenceName[]
}

export type Step = Exchange | Continuation | { readonly leave: string }

/** Which agent answers: without limits of its own, with tokens and an endpoint name, with limits at their least. */
export type Profile = 'open' | 'guarded' | 'tight'

export interface Scenario {
  /** What the original does, in a sentence. */
  readonly says: string
  readonly profile?: Profile
  /** Written before the first step, to empty tables. */
  readonly given?: readonly string[]
  readonly steps: readonly Step[]
}

/** A request with a body of JSON, and its answer. */
export function post(path: string, body: string, answer: Answer): Exchange {
  return { ask: { method: 'POST', path, body }, answer }
}

export function get(path: string, answer: Answer): Exchange {
  return { ask: { method: 'GET', path }, answer }
}
