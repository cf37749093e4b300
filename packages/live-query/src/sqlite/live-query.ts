/**
 * LiveQuery: one materialised result of the general class: run again, compared as a multiset, committed, told. Owns the
 * subscribers of the result and the order in which they hear of it: what a subscriber gets first (rows, or what it missed)
 * and what follows are cut at one committed change, because both happen in one turn and nothing else writes.
 * This class of query stays as the fallback for every SELECT and as the oracle of faster ones.
 */
import { hash } from 'node:crypto'
import type { Instant, Result } from '@patina/base'
import { ChangeLog } from '../core/change-log.ts'
import { diffResults, type FreshRow } from '../core/diff.ts'
import { Pacing } from '../core/pacing.ts'
import { Subscriber } from '../core/subscriber.ts'
import { changeLine, columnsLine, endOfQueryLine, markLine, storedRowText } from '../core/wire.ts'
import type { LiveQueryLimits } from '../limits.ts'
import type { LiveQueryInfo, SubscribeOptions } from '../live-query-port.ts'
import type { Evaluable, QueryFault } from './evaluation.ts'
import type { StateFile, StoredQuery } from './state-file.ts'

/** What a run needs: evaluates under a note that says what is running. */
export type RunQuery = (key: string, evaluable: Evaluable) => Result<FreshRow[], QueryFault>

/** What a run leaves: why the query ends, or what is to be told once it is committed. */
export interface RunOutcome {
  readonly fault?: QueryFault
  readonly tell?: () => void
}

/** A snapshot is cut into chunks of this many UTF-16 units. */
const CHUNK_UNITS = 64 * 1024

export class LiveQuery {
  readonly stored: StoredQuery
  readonly pacing: Pacing
  readonly subscribers: Set<Subscriber> = new Set<Subscriber>()
  evaluable: Evaluable
  /** Since when nobody has listened. */
  idleSince: Instant
  readonly #state: StateFile
  readonly #limits: LiveQueryLimits
  readonly #log: ChangeLog
  #nextRowId: number
  #rowCount: number
  /** Of the rows in the order of the last run: a run that gives the same needs no comparison. */
  #digest: string | undefined
  /** Lives as long as a subscriber waits for a part of it. */
  #snapshot: WeakRef<readonly Uint8Array[]> | undefined
  #runs = 0
  #lastRunMs = 0

  constructor(
    state: StateFile,
    limits: LiveQueryLimits,
    stored: StoredQuery,
    evaluable: Evaluable,
    /** `digest`: of the rows that are stored, where this process has just run the query. */
    start: { readonly now: Instant; readonly digest: string | undefined },
  ) {
    this.stored = stored
    this.evaluable = evaluable
    this.pacing = new Pacing(start.digest === undefined ? 'stale' : 'current', start.now)
    this.idleSince = start.now
    this.#state = state
    this.#limits = limits
    const history = { changesMax: limits.historyChangesMax, bytesMax: limits.historyBytesMax }
    this.#log = new ChangeLog(history, stored.lastChangeId, state.changeSizes(stored.ordinal))
    this.#nextRowId = stored.nextRowId
    this.#rowCount = state.countRows(stored.ordinal)
    this.#digest = start.digest
  }

  /** False for a result of a process before this one that was not compared with the database yet. */
  get isReconciled(): boolean {
    return this.#digest !== undefined
  }

  /** Runs the query and writes the difference. The caller commits it, and then tells it. */
  run(run: RunQuery, clock: () => Instant): RunOutcome {
    const started = clock()
    this.pacing.started(started)
    const fresh = run(this.stored.key, this.evaluable)
    const tell = fresh.ok ? this.#replaceResult(fresh.value, clock) : undefined
    const finished = clock()
    this.pacing.finished(finished)
    this.#runs += 1
    this.#lastRunMs = finished - started
    if (!fresh.ok) return { fault: fresh.error }
    return tell === undefined ? {} : { tell }
  }

  /** Why a listener cannot come in with these options, or undefined. */
  refuse({ from = 0 }: SubscribeOptions): QueryFault | undefined {
    const resumption = this.#log.resume(from)
    if (resumption.kind !== 'unknown') return undefined
    const message = `there is no change ${from} in this subscription; its last one is ${resumption.last}`
    return { code: 'unknown-change', message }
  }

  /** A new listener: its first lines wait for it. `seconds`: how long it took to get here. */
  subscribe(
    { from = 0, skipRows = false, errors = 'coded', marks = false }: SubscribeOptions,
    seconds: number,
  ): Subscriber {
    const options = { bufferBytesMax: this.#limits.bufferBytesMax, errors, marks }
    if (from > 0) return this.#resume(new Subscriber({ ...options, from }), from)
    const subscriber = new Subscriber({ ...options, from: skipRows ? this.#log.last : undefined })
    if (skipRows) this.#markCurrent(subscriber)
    else {
      subscriber.pushShared(columnsLine(this.evaluable.columns), undefined)
      for (const chunk of this.#chunks()) subscriber.pushShared(chunk, undefined)
      subscriber.pushShared(endOfQueryLine(seconds, this.#log.last), this.#log.last)
    }
    this.subscribers.add(subscriber)
    return subscriber
  }

  /** Ends every listener, with a reason where there is one. */
  end(reason: QueryFault | undefined): void {
    for (const subscriber of this.subscribers)
      if (reason === undefined) subscriber.end()
      else subscriber.fail(reason)
    this.subscribers.clear()
  }

  info(): LiveQueryInfo {
    const { id, hash: digest, statement } = this.stored
    return {
      id,
      hash: digest,
      sql: statement.sql,
      params: statement.params,
      class: 'general',
      columns: this.evaluable.columns,
      reads: [...this.evaluable.reads].map(([table, columns]) => ({ table, columns: [...columns] })),
      rows: this.#rowCount,
      lastChangeId: this.#log.last,
      lowestChangeId: this.#log.lowest,
      subscribers: this.subscribers.size,
      runs: this.#runs,
      lastRunMs: this.#lastRunMs,
    }
  }

  /** Returns how to tell of what has changed, where something has. */
  #replaceResult(fresh: readonly FreshRow[], clock: () => Instant): (() => void) | undefined {
    const digest = digestOf(fresh)
    if (digest === this.#digest) return undefined
    const events = diffResults(this.#state.allRows(this.stored.ordinal), fresh, this.#nextRowId)
    this.#rowCount = fresh.length
    this.#digest = digest
    if (events.length === 0) return undefined
    const firstChangeId = this.#log.last + 1
    const lines = events.map((event, i) => changeLine(event, firstChangeId + i))
    const nextRowId = this.#nextRowId + events.filter(({ kind }) => kind === 'insert').length
    const lowestChangeId = this.#log.append(lines.map((line) => line.length))
    this.#state.apply(this.stored.ordinal, { events, lines, firstChangeId, lowestChangeId, nextRowId })
    this.#nextRowId = nextRowId
    this.#snapshot = undefined
    return () => this.#tell(lines, firstChangeId, clock)
  }

  #tell(lines: readonly Uint8Array[], firstChangeId: number, clock: () => Instant): void {
    const { lowest } = this.#log
    const run = { lines, firstChangeId, mark: markLine(firstChangeId + lines.length - 1) }
    for (const subscriber of this.subscribers) {
      if (subscriber.pushRun(run, lowest)) continue
      this.subscribers.delete(subscriber)
      // The last one has fallen behind, and may come back.
      if (this.subscribers.size === 0) this.idleSince = clock()
    }
  }

  #resume(subscriber: Subscriber, from: number): Subscriber {
    const resumption = this.#log.resume(from)
    if (resumption.kind === 'purged') {
      const { lowest } = resumption
      subscriber.fail({ message: `subscription already deleted older changes, min change id: ${lowest}` })
      return subscriber
    }
    // Bounded by the history, which is smaller than a buffer.
    for (const [i, line] of this.#state.changesAfter(this.stored.ordinal, from).entries())
      subscriber.pushShared(line, from + 1 + i)
    this.#markCurrent(subscriber)
    this.subscribers.add(subscriber)
    return subscriber
  }

  /**
   * The last change is the end of a run, because those of one run are written and committed together. So a listener that has
   * all of them needs no other mark, wherever it left off and whatever the history has lost.
   */
  #markCurrent(subscriber: Subscriber): void {
    const { last } = this.#log
    if (subscriber.wantsMarks) subscriber.pushShared(markLine(last), last)
  }

  /** The rows as they are stored. Listeners that come before the next change share the bytes. */
  #chunks(): readonly Uint8Array[] {
    const known = this.#snapshot?.deref()
    if (known !== undefined) return known
    const encoder = new TextEncoder()
    const chunks: Uint8Array[] = []
    let text = ''
    for (const { rowId, cells } of this.#state.rows(this.stored.ordinal)) {
      text += storedRowText(rowId, cells)
      if (text.length < CHUNK_UNITS) continue
      chunks.push(encoder.encode(text))
      text = ''
    }
    if (text !== '') chunks.push(encoder.encode(text))
    this.#snapshot = new WeakRef(chunks)
    return chunks
  }
}

export function digestOf(rows: readonly FreshRow[]): string {
  return hash('sha256', rows.map(({ cells }) => cells).join('\n'))
}
