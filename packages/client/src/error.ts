/**
 * What a call of the client ends with when it does not succeed. Each class says whose fault it is and whether anything
 * may have been written. An abort by the caller is none of them: the reason of its signal passes through.
 */

/**
 * The agent answered and refused, or gave up midway (then `status` is 200). Nothing was written, except where `code` or
 * the status says otherwise (`outcome-unknown`; 504 of a write that waited for other members).
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** Stable and meant for programs; undefined where the answer has none. */
  readonly code: string | undefined
  /** How long the agent asks to wait before the next try. */
  readonly retryAfterMs: number | undefined
  /** Nothing was done, and the same request may succeed when it is sent again. */
  readonly retryable: boolean

  constructor(message: string, { status, code, retryAfterMs }: ApiErrorFacts) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfterMs = retryAfterMs
    this.retryable = status === 503 || (code !== undefined && RETRYABLE.has(code))
  }
}

/** Codes of a query whose process was replaced, or whose snapshot was cut, behind its first rows. 503 is overload in all forms. */
const RETRYABLE: ReadonlySet<string> = new Set(['retry', 'snapshot-cut', 'overloaded'])

export interface ApiErrorFacts {
  readonly status: number
  readonly code?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/**
 * `unreachable`: no connection was made, nothing was sent · `unanswered`: no answer came; what was asked may have been
 * done · `broken`: the answer began and broke off.
 */
export type ConnectionTrouble = 'unreachable' | 'unanswered' | 'broken'

/** Network or agent are away. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly kind: ConnectionTrouble
  readonly address: string

  constructor(kind: ConnectionTrouble, address: string, reason: string, cause?: unknown) {
    super(`${SENTENCE[kind](address)}: ${reason}`, { cause })
    this.kind = kind
    this.address = address
  }
}

const SENTENCE: Readonly<Record<ConnectionTrouble, (address: string) => string>> = {
  unreachable: (address) => `cannot reach the agent at ${address}`,
  unanswered: (address) => `no answer of the agent at ${address}`,
  broken: (address) => `the connection to the agent at ${address} broke`,
}

/** The other end does not speak this protocol, or speaks it wrongly. What a write did is then unknown. */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError'
}

/** A change id is not the one that follows the last: a change was lost or doubled on the way. */
export class MissedChangeError extends ProtocolError {
  override readonly name = 'MissedChangeError'
  readonly expected: number
  readonly got: number

  constructor(expected: number, got: number) {
    super(`change ${expected} was expected and ${got} came`)
    this.expected = expected
    this.got = got
  }
}

/** An integer that a JavaScript number cannot hold. Nobody's fault: ask for `integers: 'bigint'`. */
export class IntegerRangeError extends Error {
  override readonly name = 'IntegerRangeError'
  readonly digits: string

  constructor(digits: string) {
    super(`the integer ${digits} is beyond 2^53; ask for integers: 'bigint'`)
    this.digits = digits
  }
}

/** The changes since `changeId` cannot be had any more, and `resnapshot` was not asked for. */
export class HistoryGoneError extends Error {
  override readonly name = 'HistoryGoneError'
  readonly changeId: number | undefined

  constructor(changeId: number | undefined, cause: unknown) {
    super(
      `the changes since ${changeId ?? 'the start'} are gone: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
    this.changeId = changeId
  }
}
