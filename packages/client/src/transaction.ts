/** What a transaction did, from the envelope of `POST /v1/transactions`. */
import { ProtocolError } from './error.ts'

export interface StatementOutcome {
  readonly rowsAffected: number
  readonly seconds: number
}

export interface Outcome {
  /** One for each statement, in their order. */
  readonly results: readonly StatementOutcome[]
  /** The version that the transaction became; null where nothing changed. */
  readonly version: number | null
  /** Who wrote: the agent that answered. */
  readonly actor: string
  readonly seconds: number
}

/** Throws ProtocolError. */
export function readOutcome(answer: unknown): Outcome {
  const { results, version, actor_id: actor, time } = (answer ?? {}) as Envelope
  const knownVersion = version === null || Number.isSafeInteger(version)
  if (!Array.isArray(results) || !knownVersion || typeof actor !== 'string' || typeof time !== 'number')
    throw new ProtocolError('the answer is not the outcome of a transaction')
  return { results: results.map(readResult), version: version as number | null, actor, seconds: time }
}

interface Envelope {
  readonly results?: unknown
  readonly version?: unknown
  readonly actor_id?: unknown
  readonly time?: unknown
}

function readResult(result: { readonly rows_affected?: unknown; readonly time?: unknown }): StatementOutcome {
  const { rows_affected: rowsAffected, time } = result ?? {}
  if (!Number.isSafeInteger(rowsAffected) || typeof time !== 'number')
    throw new ProtocolError('the result of a statement has no number of rows')
  return { rowsAffected: rowsAffected as number, seconds: time }
}
