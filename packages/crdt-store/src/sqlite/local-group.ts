/**
 * Local groups: requests that wait together share one SQLite transaction (group commit), a version each. A group runs
 * without savepoints first, because a savepoint more than doubles the price of a statement with triggers (ADR 0006);
 * when a request fails, all of it is rolled back and run again with a savepoint each, so that the culprit fails alone.
 * A statement that ends the transaction itself (`INSERT OR ROLLBACK`) sends the group through once more, one by one.
 */
import { err, type LocalCommit, nextVersion, ok, type Result } from '@patina/base'
import { type Durability, type SqlStatement, setSynchronous } from '@patina/sqlite'
import type { KnowledgeDraft } from '../core/knowledge.ts'
import { Touched, type TouchedTable } from '../core/touched.ts'
import { isFatal, isPassing, RequestRefused, StatementFailed, sqliteCode } from '../errors.ts'
import type { StatementResult, TransactReply } from '../store-port.ts'
import { enforceChecks } from './check-constraints.ts'
import { type BoundStatement, runBound } from './client-statements.ts'
import { LiveLedger } from './live-ledger.ts'
import { type StampContext, type StampedRequest, stampRequest } from './local-write.ts'
import { type StoreParts, writeBookkeeping } from './store-parts.ts'
import { writeVersion } from './version-writer.ts'

/** One client request: its statements run in one savepoint and make at most one version. */
export type LocalRequest = readonly SqlStatement[]

export interface GroupOutcome {
  /** One per request, in order. */
  readonly replies: readonly TransactReply[]
  /** The versions of those that changed something, in order. */
  readonly commits: readonly LocalCommit[]
  readonly touched: readonly TouchedTable[]
}

/** A statement has ended the transaction that others shared. */
class GroupEnded extends Error {}

/** Asked before each run of the request at this place: false, where nobody waits for it any more. */
export type BeginsRequest = (at: number) => boolean

const ALWAYS: BeginsRequest = () => true

/** Runs requests in one transaction. Throws only when the file cannot be trusted any more (`isFatal`). */
export function runGroup(
  parts: StoreParts,
  requests: readonly LocalRequest[],
  durability: Durability,
  begins: BeginsRequest = ALWAYS,
): GroupOutcome {
  for (const mode of ['bare', 'savepoints'] as const)
    try {
      setSynchronous(parts.db, durability === 'full' ? 'FULL' : 'NORMAL')
      enforceChecks(parts.db)
      return runTogether(parts, requests, mode, begins)
    } catch (cause) {
      if (isFatal(cause)) throw cause
      // The moment is at fault, not a request: running again would only wait again.
      if (requests.length === 1 || isPassing(cause))
        return { replies: requests.map(() => failure(cause)), commits: [], touched: [] }
    }
  return runOneByOne(parts, requests, begins)
}

function runOneByOne(
  parts: StoreParts,
  requests: readonly LocalRequest[],
  begins: BeginsRequest,
): GroupOutcome {
  const single = requests.map((request, at) => {
    try {
      return runTogether(parts, [request], 'bare', () => begins(at))
    } catch (cause) {
      if (isFatal(cause)) throw cause
      return { replies: [failure(cause)], commits: [], touched: [] }
    }
  })
  return {
    replies: single.flatMap(({ replies }) => replies),
    commits: single.flatMap(({ commits }) => commits),
    touched: single.flatMap(({ touched }) => touched),
  }
}

function runTogether(
  parts: StoreParts,
  requests: readonly LocalRequest[],
  mode: 'bare' | 'savepoints',
  begins: BeginsRequest,
): GroupOutcome {
  const group = new Group(parts)
  parts.capture.start('local')
  try {
    const replies = parts.transactions.run(() => {
      const outcomes = requests.map((request, at) => (begins(at) ? group.reply(request, mode) : WITHDRAWN))
      writeBookkeeping(parts, group.draft, group.losses)
      return outcomes
    })
    parts.knowledge.adopt(group.draft.changes())
    return { replies, commits: group.commits, touched: group.touched.tables() }
  } finally {
    parts.capture.stop()
  }
}

const WITHDRAWN: TransactReply = {
  kind: 'refused',
  code: 'overloaded',
  message: 'the request was taken back before it began',
}

interface MadeVersion {
  readonly commit: LocalCommit
  readonly stamped: StampedRequest
}

interface RanRequest {
  readonly results: readonly StatementResult[]
  /** null where nothing really changed. */
  readonly made: MadeVersion | null
}

class Group {
  readonly commits: LocalCommit[] = []
  readonly losses = new LiveLedger()
  readonly touched = new Touched()
  readonly draft: KnowledgeDraft
  readonly #parts: StoreParts
  readonly #stamping: StampContext

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#stamping = { ...parts, order: parts.actors.order }
    this.draft = parts.knowledge.draft()
  }

  reply(request: LocalRequest, mode: 'bare' | 'savepoints'): TransactReply {
    const bound = this.#bind(request)
    if (!bound.ok) return bound.error
    return mode === 'bare' ? this.#adopt(this.#run(bound.value)) : this.#runInSavepoint(bound.value)
  }

  /** What can be refused before anything runs costs the group nothing. */
  #bind(request: LocalRequest): Result<readonly BoundStatement[], TransactReply> {
    const { limits, statements } = this.#parts
    try {
      if (request.length > limits.statementsMax)
        throw new RequestRefused(
          'too-many-statements',
          `the request has ${request.length} statements, ${limits.statementsMax} are allowed`,
        )
      return ok(statements.bind(request))
    } catch (cause) {
      return err(failure(cause))
    }
  }

  /** Leaves no trace but in the file, which a savepoint may still take back. */
  #run(request: readonly BoundStatement[]): RanRequest {
    const results: StatementResult[] = []
    let started = performance.now()
    for (const statement of request) {
      const rowsAffected = this.#runStatement(statement)
      const ended = performance.now()
      results.push({ rowsAffected, seconds: (ended - started) / 1000 })
      started = ended
    }
    return { results, made: this.#makeVersion() }
  }

  /** What ran stands, as far as the group does. */
  #adopt({ results, made }: RanRequest): TransactReply {
    if (made === null) return { kind: 'committed', results, version: null }
    const { commit, stamped } = made
    this.losses.lose(stamped.lost)
    this.touched.addAll(stamped.touched)
    this.draft.hold(this.#parts.self.actor, commit.version, commit.ts)
    this.commits.push(commit)
    return { kind: 'committed', results, version: commit.version }
  }

  #runInSavepoint(request: readonly BoundStatement[]): TransactReply {
    const { db, capture } = this.#parts
    db.exec('SAVEPOINT request')
    try {
      const ran = this.#run(request)
      db.exec('RELEASE request')
      return this.#adopt(ran)
    } catch (cause) {
      capture.clear()
      if (isFatal(cause) || !db.inTransaction) throw cause
      db.exec('ROLLBACK TO request; RELEASE request')
      return failure(cause)
    }
  }

  #runStatement(statement: BoundStatement): number {
    const rowsAffected = runBound(statement)
    if (statement.mayEndTransaction && !this.#parts.db.inTransaction)
      throw new GroupEnded('a statement ended the transaction')
    return rowsAffected
  }

  /** Stamps, encodes and logs what the request changed; null when that is nothing. */
  #makeVersion(): MadeVersion | null {
    const { self, capture } = this.#parts
    const version = nextVersion(this.draft.head(self.actor))
    const stamped = stampRequest(capture.take(), { actor: self.ordinal, version }, this.#stamping)
    if (stamped === undefined) return null
    return { commit: writeVersion(this.#parts, stamped, version), stamped }
  }
}

function failure(cause: unknown): TransactReply {
  if (cause instanceof RequestRefused) return { kind: 'refused', code: cause.code, message: cause.message }
  if (cause instanceof StatementFailed) return { kind: 'failed', code: cause.code, message: cause.message }
  if (cause instanceof GroupEnded) return groupEnded(cause)
  const code = sqliteCode(cause)
  // An error of our own code: everything of the request is rolled back, so its neighbours need not suffer.
  return { kind: 'failed', code: code ?? 'internal', message: (cause as Error).message }
}

/** The culprit itself, run alone: what SQLite said when it rolled back, or that it did. */
function groupEnded({ cause, message }: GroupEnded): TransactReply {
  const code = sqliteCode(cause)
  return {
    kind: 'failed',
    code: code ?? 'transaction-ended',
    message: code ? (cause as Error).message : message,
  }
}
