/**
 * POST /v1/transactions: an array of statements is one transaction and at most one version. Answers as superfly/corrosion
 * does, failures included (500 with its envelope), plus `code`. What only we refuse is 400. With `?wait=N` the answer waits
 * until N other members hold the version durably.
 */
import { type ActorId, unreachable, type Version } from '@patina/base'
import type { StatementResult } from '@patina/crdt-store'
import type { Context } from 'hono'
import type { ConfigLimits } from '../effective-config.ts'
import type { StoreChild, WriteOutcome } from '../store-child.ts'
import { type BodyReader, readTimeout, readWait } from './body.ts'
import { CONCURRENCY, type Permits } from './permits.ts'
import { overloaded, type Problem, refuseRequest } from './problem.ts'
import { decodeStatements } from './statements.ts'

/** Copies of a version that a client waited for. */
export interface Counted {
  /** Other members that have said that they hold it durably. */
  readonly copies: number
  /** As many as were asked for. */
  readonly reached: boolean
}

export interface TransactionServices {
  readonly actor: ActorId
  readonly store: Pick<StoreChild, 'transact'>
  readonly limits: ConfigLimits
  readonly bodies: BodyReader
  readonly permits: Permits
  readonly copies: {
    /** Until so many other members hold the version durably, or the time is over. */
    readonly wait: (version: Version, copies: number, timeoutMs: number) => Promise<Counted>
    /** Other members that are alive. */
    readonly others: () => number
  }
}

export async function handleTransaction(c: Context, services: TransactionServices): Promise<Response> {
  const { limits } = services
  const startedAt = performance.now()
  const timeout = readTimeout(c, { fallbackMs: limits.transactionTimeoutMs, maxMs: limits.timeoutMsMax })
  if (!timeout.ok) return refuseRequest(c, timeout.error)
  const wait = readWait(c)
  if (!wait.ok) return refuseRequest(c, wait.error)
  const body = await services.bodies.readJson(c)
  if (!body.ok) return refuseRequest(c, body.error)
  // Before they are looked at: a body may hold millions.
  const count = Array.isArray(body.value.value) ? body.value.value.length : undefined
  if (count === 0) return failure(c, services.actor, 400, NO_STATEMENT)
  if (count !== undefined && count > limits.statementsMax)
    return refuseRequest(c, {
      status: 413,
      code: 'too-many-statements',
      error: `${count} statements are more than ${limits.statementsMax}; split the transaction`,
    })
  const statements = decodeStatements(body.value)
  if (!statements.ok) return refuseRequest(c, { status: 422, code: 'invalid-shape', error: statements.error })
  // Members are counted for who asks: there may be thousands.
  const others = wait.value === 0 ? 0 : services.copies.others()
  if (wait.value > others) return refuseRequest(c, tooFew(wait.value, others))
  // Only now: who sends slowly must not keep others out.
  const done = services.permits.take()
  if (done === undefined) return refuseRequest(c, CONCURRENCY)
  try {
    const outcome = await services.store.transact(statements.value, timeout.value)
    const leftMs = Math.max(0, startedAt + timeout.value - performance.now())
    const counted = await countCopies(services, outcome, { copies: wait.value, timeoutMs: leftMs })
    return answer(c, services.actor, outcome, { startedAt, counted })
  } finally {
    done()
  }
}

/** undefined where nobody waits, or nothing was written that others could hold. */
async function countCopies(
  { copies }: TransactionServices,
  outcome: WriteOutcome,
  wanted: { readonly copies: number; readonly timeoutMs: number },
): Promise<Counted | undefined> {
  if (wanted.copies === 0 || outcome.kind !== 'reply' || outcome.reply.kind !== 'committed') return undefined
  const { version } = outcome.reply
  return version === null ? undefined : copies.wait(version, wanted.copies, wanted.timeoutMs)
}

/** When the request came, and which members have its version where it waits for them. */
interface Course {
  readonly startedAt: number
  readonly counted: Counted | undefined
}

function answer(c: Context, actor: ActorId, outcome: WriteOutcome, course: Course): Response {
  switch (outcome.kind) {
    case 'reply':
      return answerReply(c, actor, outcome.reply, course)
    case 'timeout':
      return failure(c, actor, 500, {
        code: 'timeout',
        error: `interrupted: the transaction did not end within ${outcome.afterMs} ms; nothing was written`,
      })
    case 'outcome-unknown':
      return failure(c, actor, 500, {
        code: 'outcome-unknown',
        error: 'the store was restarted meanwhile; the transaction may have been written',
      })
    case 'memory':
      return failure(c, actor, 500, {
        code: 'memory',
        error: `the transaction needed more memory than limits.process_bytes_max allows; nothing was written (${outcome.reason})`,
      })
    case 'failed':
      return failure(c, actor, 500, { code: 'internal', error: outcome.message })
    case 'unavailable':
      return refuseRequest(c, overloaded(outcome.reason))
    default:
      return unreachable(outcome)
  }
}

function answerReply(
  c: Context,
  actor: ActorId,
  reply: Extract<WriteOutcome, { kind: 'reply' }>['reply'],
  { startedAt, counted }: Course,
): Response {
  if (reply.kind === 'refused')
    return refuseRequest(c, { status: 400, code: reply.code, error: reply.message })
  if (reply.kind === 'failed') return failure(c, actor, 500, { code: reply.code, error: reply.message })
  const envelope = {
    results: reply.results.map(resultJson),
    time: secondsJson((performance.now() - startedAt) / 1_000),
    version: reply.version,
    actor_id: actor,
  }
  if (counted === undefined) return c.json(envelope)
  if (counted.reached) return c.json({ ...envelope, copies: counted.copies })
  const error = `it is written as version ${reply.version}; until now ${counted.copies} other members have it`
  return c.json({ ...envelope, copies: counted.copies, error, code: 'wait-timeout' }, 504)
}

/** Before anything is written: nobody needs to wait for what cannot be. */
function tooFew(wanted: number, others: number): Problem {
  return {
    status: 503,
    code: 'too-few-members',
    error: `wait=${wanted}, and ${others} other members are alive; nothing was written`,
    retryAfterSecs: 1,
  }
}

function resultJson({ rowsAffected, seconds }: StatementResult): object {
  return { rows_affected: rowsAffected, time: secondsJson(seconds) }
}

/** A float of the original, whose whole ones have a point. */
function secondsJson(seconds: number): unknown {
  return Number.isInteger(seconds) ? JSON.rawJSON(`${seconds}.0`) : seconds
}

const NO_STATEMENT = { code: 'no-statement', error: 'at least 1 statement is required' } as const

/** The original's envelope of a transaction that did not happen. */
function failure(
  c: Context,
  actor: ActorId,
  status: 400 | 500,
  { code, error }: { readonly code: string; readonly error: string },
): Response {
  return c.json({ results: [{ error }], time: secondsJson(0), version: null, actor_id: actor, code }, status)
}
