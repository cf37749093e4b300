/**
 * LiveQueries: the engine. Which queries there are, who shares one, which of them a commit concerns, when each runs, and
 * when it goes. One thread, so at most one run at any time; between two slices of runs the process hears messages. What
 * one call changes is committed together and told afterwards.
 * Queries that the process before this one was killed in are refused (condemned.ts), and stored results are reconciled
 * with a fresh run before they are shown and at the latest soon after the start.
 * Time is given; the shell (live-query-process.ts) calls `work` and `sweep`.
 */
import { randomUUID } from 'node:crypto'
import { earliest, elapsed, err, type Instant, NEVER, ok, type Result } from '@patina/base'
import { LAG_TABLE, type LagRow, MEMBERS_TABLE, type MemberRow, type SqlStatement } from '@patina/sqlite'
import { type ChangedTable, Dependents } from '../core/dependents.ts'
import type { Subscriber } from '../core/subscriber.ts'
import { DEFAULT_LIMITS, type LiveQueryLimits } from '../limits.ts'
import type { LiveQueryInfo, SubscribeHead, SubscribeRequest } from '../live-query-port.ts'
import { Condemned, type PreviousEnd } from './condemned.ts'
import { type Evaluable, Evaluation, type QueryFault } from './evaluation.ts'
import { digestOf, LiveQuery, type RunQuery } from './live-query.ts'
import { currentBootId } from './open-state.ts'
import { queryKey, shownHash } from './query-key.ts'
import { StateFile } from './state-file.ts'

export interface LiveQueriesOptions {
  /** The database that queries read. It must exist. */
  readonly path: string
  /** The file of materialised results; made where it is missing. */
  readonly statePath: string
  readonly clock: () => Instant
  /** Why the process before this one ended, where main knows: `deadline` condemns the query that it was running. */
  readonly previousEnd?: PreviousEnd
  readonly limits?: Partial<LiveQueryLimits>
  /** Default: the machine's. */
  readonly bootId?: string | undefined
  /** Called when there is something to run. */
  readonly onWork?: () => void
}

export interface Opened {
  readonly head: SubscribeHead
  /** Where the head is `subscribed`. */
  readonly subscriber?: Subscriber
}

export class LiveQueries {
  readonly #evaluation: Evaluation
  readonly #state: StateFile
  readonly #limits: LiveQueryLimits
  readonly #clock: () => Instant
  readonly #onWork: () => void
  readonly #byId = new Map<string, LiveQuery>()
  readonly #byKey = new Map<string, LiveQuery>()
  readonly #dependents = new Dependents<LiveQuery>()
  /** Queries that may have to run, in the order in which they became so. */
  readonly #dirty = new Set<LiveQuery>()
  readonly #condemned: Condemned
  /** What listeners are to hear when the state file has it. */
  readonly #untold: (() => void)[] = []
  /** Queries whose results are shown again only after a run. */
  readonly #unsettled = new Set<LiveQuery>()
  /** Local tables that main has not sent since the start. Until then stored results that read them are left as they are. */
  readonly #unknownTables = new Set([MEMBERS_TABLE, LAG_TABLE])

  /** Throws OpenError where the database or the state file cannot be opened. */
  constructor(options: LiveQueriesOptions) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#clock = options.clock
    this.#onWork = options.onWork ?? (() => {})
    this.#evaluation = new Evaluation(options.path)
    this.#state = new StateFile(options.statePath, 'bootId' in options ? options.bootId : currentBootId())
    this.#condemned = new Condemned(this.#state, `${options.statePath}-running`, options.previousEnd)
    this.#turn(() => this.#restore())
  }

  subscribe(request: SubscribeRequest): Opened {
    const started = this.#clock()
    const overloaded = this.#overload()
    if (overloaded !== undefined) return { head: headOf(overloaded) }
    const found = this.#turn(() =>
      'id' in request ? this.#find(request.id, request.from) : this.#findOrMake(request),
    )
    if (!found.ok) return { head: found.error }
    const query = found.value
    const refused = query.refuse(request)
    if (refused !== undefined) return { head: headOf(refused) }
    const seconds = elapsed(started, this.#clock()) / 1000
    const { id, hash: digest } = query.stored
    const subscriber = query.subscribe(request, seconds)
    return { head: { kind: 'subscribed', id, hash: digest }, subscriber }
  }

  /** The listener has gone, or its stream has come to an end. */
  unsubscribe(id: string, subscriber: Subscriber): void {
    subscriber.abandon()
    const query = this.#byId.get(id)
    if (query === undefined) return
    query.subscribers.delete(subscriber)
    if (query.subscribers.size === 0) query.idleSince = this.#clock()
  }

  /** What a commit touched. The runs follow by `work`. A schema that has changed is noticed with it. */
  changed(tables: readonly ChangedTable[] | 'all'): void {
    this.#turn(() => this.#mark(tables === 'all' ? this.#byId.values() : this.#dependents.of(tables)))
  }

  members(rows: readonly MemberRow[]): void {
    this.#told(MEMBERS_TABLE, this.#evaluation.setMembers(rows))
  }

  lag(rows: readonly LagRow[]): void {
    this.#told(LAG_TABLE, this.#evaluation.setLag(rows))
  }

  #told(table: string, changed: ChangedTable | undefined): void {
    const isFirst = this.#unknownTables.delete(table)
    if (changed !== undefined) this.#mark(this.#dependents.of([changed]))
    else if (isFirst) this.#mark(this.#dependents.of([{ table, columns: 'all' }]))
  }

  /** Who subscribes from now on gets results that have what was told until now. */
  settle(): void {
    for (const query of this.#dirty) this.#unsettled.add(query)
  }

  /** Runs what is due, for a slice of time. Returns when it wants to be called again; NEVER: after the next change. */
  work(): Instant {
    return this.#turn(() => this.#runDue())
  }

  /** Drops what nobody has listened to for long. */
  sweep(): void {
    const now = this.#clock()
    this.#turn(() => {
      for (const query of [...this.#byId.values()])
        if (query.subscribers.size === 0 && elapsed(query.idleSince, now) >= this.#limits.idleMs)
          this.#drop(query, undefined)
    })
  }

  /** Results that are kept, with or without listeners. */
  count(): number {
    return this.#byId.size
  }

  list(): LiveQueryInfo[] {
    return [...this.#byId.values()].map((query) => query.info())
  }

  /** By id, or by hash. */
  info(name: string): LiveQueryInfo | null {
    const query = this.#byId.get(name) ?? [...this.#byId.values()].find(({ stored }) => stored.hash === name)
    return query?.info() ?? null
  }

  /** Ends all listeners; what waits for them is still to be taken. */
  endAll(): void {
    for (const query of this.#byId.values()) query.end(undefined)
  }

  /** A stop in order: the next start believes the file, on another boot too. */
  close(): void {
    this.endAll()
    this.#evaluation.close()
    this.#state.close()
    this.#condemned.close()
  }

  /** Reads one snapshot of the database, commits what has changed, and then tells it (I-LIVE-4). */
  #turn<Outcome>(work: () => Outcome): Outcome {
    const outcome = this.#evaluation.inSnapshot(() => {
      this.#followSchema()
      return work()
    })
    this.#condemned.rest()
    this.#state.commit()
    for (const tell of this.#untold.splice(0)) tell()
    return outcome
  }

  #runDue(): Instant {
    const started = this.#clock()
    let next = NEVER
    for (const query of this.#dirty) {
      if (this.#isHeld(query)) continue
      if (query.pacing.due > this.#clock()) {
        next = earliest(next, query.pacing.due)
        continue
      }
      this.#run(query)
      if (elapsed(started, this.#clock()) >= this.#limits.sliceMs)
        return this.#dirty.size > 0 ? started : NEVER
    }
    return next
  }

  #restore(): void {
    for (const stored of this.#state.queries()) {
      const prepared = this.#evaluation.prepare(stored.statement)
      // A result that cannot be had any more is unknown to those that come back, as after a crash of the machine.
      const isSame = prepared.ok && sameNames(prepared.value.columns, stored.columns)
      if (!isSame || this.#condemned.has(stored.key)) {
        this.#state.drop(stored.ordinal)
        continue
      }
      const start = { now: this.#clock(), digest: undefined }
      this.#add(new LiveQuery(this.#state, this.#limits, stored, prepared.value, start))
    }
    this.#mark(this.#byId.values())
  }

  #find(id: string, from: number | undefined): Result<LiveQuery, SubscribeHead> {
    const query = this.#byId.get(id)
    const message = `could not find subscription with id ${id}`
    if (query === undefined) return err({ kind: 'not-found', code: 'unknown-subscription', message })
    return this.#reconciled(query, from)
  }

  #findOrMake(
    request: SubscribeRequest & { readonly statement: SqlStatement },
  ): Result<LiveQuery, SubscribeHead> {
    const prepared = this.#evaluation.prepare(request.statement)
    if (!prepared.ok) return err(headOf(prepared.error))
    const key = queryKey(request.statement, prepared.value.columns)
    if (this.#condemned.has(key)) return err(headOf(TOO_SLOW))
    const known = this.#byKey.get(key)
    if (known !== undefined) return this.#reconciled(known, request.from)
    if (request.from !== undefined) return err(headOf(NOTHING_TO_RESUME))
    if (this.#byId.size >= this.#limits.queriesMax)
      return err(
        headOf({ code: 'overloaded', message: `there are ${this.#limits.queriesMax} subscriptions` }),
      )
    return this.#make(request.statement, prepared.value, key)
  }

  /** A result of before the start, or of before `settle`, is shown only after a run. */
  #reconciled(query: LiveQuery, from = 0): Result<LiveQuery, SubscribeHead> {
    if (query.isReconciled && !this.#unsettled.has(query)) return ok(query)
    if (this.#isHeld(query)) return from > 0 ? ok(query) : err(headOf(STARTING))
    const fault = this.#run(query)
    return fault === undefined ? ok(query) : err(headOf(fault))
  }

  /** A run without a local table's rows would take rows away that are there. */
  #isHeld(query: LiveQuery): boolean {
    return !query.isReconciled && [...this.#unknownTables].some((table) => query.evaluable.reads.has(table))
  }

  #make(statement: SqlStatement, evaluable: Evaluable, key: string): Result<LiveQuery, SubscribeHead> {
    const fresh = this.#evaluate(key, evaluable)
    if (!fresh.ok) return err(headOf(fresh.error))
    const rows = fresh.value.map((row, i) => ({ ...row, rowId: i + 1 }))
    const id = randomUUID()
    const made = { id, key, hash: shownHash(key), statement, columns: evaluable.columns }
    const nextRowId = rows.length + 1
    const ordinal = this.#state.create(made, rows, nextRowId)
    const stored = { ...made, ordinal, nextRowId, lastChangeId: 0 }
    const start = { now: this.#clock(), digest: digestOf(fresh.value) }
    const query = new LiveQuery(this.#state, this.#limits, stored, evaluable, start)
    this.#add(query)
    return ok(query)
  }

  #add(query: LiveQuery): void {
    this.#byId.set(query.stored.id, query)
    this.#byKey.set(query.stored.key, query)
    this.#dependents.add(query, query.evaluable.reads)
  }

  #mark(queries: Iterable<LiveQuery>): void {
    for (const query of queries) {
      query.pacing.changed()
      this.#dirty.add(query)
    }
    if (this.#dirty.size > 0) this.#onWork()
  }

  #clean(query: LiveQuery): void {
    this.#dirty.delete(query)
    this.#unsettled.delete(query)
  }

  #run(query: LiveQuery): QueryFault | undefined {
    this.#clean(query)
    const { fault, tell } = query.run(this.#evaluate, this.#clock)
    if (fault !== undefined) this.#drop(query, fault)
    if (tell !== undefined) this.#untold.push(tell)
    return fault
  }

  readonly #evaluate: RunQuery = (key, evaluable) =>
    this.#condemned.during(key, () => this.#evaluation.run(evaluable, this.#limits))

  /** After a change of the schema every query is prepared again and runs again, or ends. */
  #followSchema(): void {
    if (!this.#evaluation.followSchema()) return
    for (const query of [...this.#byId.values()]) {
      const prepared = this.#evaluation.prepare(query.stored.statement)
      if (!prepared.ok || !sameNames(prepared.value.columns, query.stored.columns)) {
        const what = prepared.ok ? 'it has other columns now' : prepared.error.message
        this.#drop(query, { code: 'schema_changed', message: `the schema has changed: ${what}` })
        continue
      }
      query.evaluable = prepared.value
      this.#dependents.delete(query)
      this.#dependents.add(query, prepared.value.reads)
      this.#mark([query])
    }
  }

  #drop(query: LiveQuery, reason: QueryFault | undefined): void {
    this.#untold.push(() => query.end(reason))
    this.#byId.delete(query.stored.id)
    this.#byKey.delete(query.stored.key)
    this.#dependents.delete(query)
    this.#clean(query)
    this.#state.drop(query.stored.ordinal)
  }

  #overload(): QueryFault | undefined {
    let subscribers = 0
    let bytes = 0
    for (const query of this.#byId.values()) {
      subscribers += query.subscribers.size
      for (const subscriber of query.subscribers) bytes += subscriber.heldBytes
    }
    const { subscribersMax, waitingBytesMax } = this.#limits
    if (subscribers >= subscribersMax)
      return { code: 'overloaded', message: `${subscribersMax} streams are open` }
    if (bytes > waitingBytesMax) return { code: 'overloaded', message: 'too much waits for slow readers' }
    return undefined
  }
}

const TOO_SLOW: QueryFault = {
  code: 'too-slow',
  message: 'this query did not end in time before; narrow it. It is tried again after a restart of the agent',
}

/** The original's words. */
const NOTHING_TO_RESUME: QueryFault = {
  code: 'no-subscription',
  message: 'a `from` query param was supplied, but no existing subscription found',
}

const STARTING: QueryFault = {
  code: 'starting',
  message: 'the members of the cluster are not known yet after a start; try again',
}

function headOf(fault: QueryFault): SubscribeHead {
  const comesAgain = fault.code === 'overloaded' || fault.code === 'starting'
  return { kind: comesAgain ? 'overloaded' : 'refused', ...fault }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i])
}
