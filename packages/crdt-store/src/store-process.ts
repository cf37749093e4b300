/**
 * The store behind a Port. Requests that arrive in one turn of the event loop share a transaction; local writes go before
 * remote changesets, so that a node that catches up still answers its clients, and neither starves the other. Under
 * `normal` durability a client is answered at the commit, and the rest of the world hears of it after a sync. An error of
 * the disk is told once and ends the service: nothing is acknowledged after it.
 * Its queues are bounded by the port's: a call that waits here is pending there.
 */
import {
  type ActorVersions,
  type ApplyReport,
  assert,
  type LocalCommit,
  type PortHandlers,
} from '@patina/base'
import type { SqlStatement } from '@patina/sqlite'
import type { TouchedTable } from './core/touched.ts'
import { isFatal, isPassing, SchemaError, sqliteCode } from './errors.ts'
import type { SchemaFile } from './sqlite/schema.ts'
import { openStore, type Store, type StoreOptions } from './sqlite/store.ts'
import type { SchemaReply, SchemaRequest, StoreContract, StoreEvent, TransactReply } from './store-port.ts'

export interface StoreProcessOptions extends StoreOptions {
  /** Absent: the schema of the file stays as it is. */
  readonly schemaFiles?: readonly SchemaFile[]
}

/** Requests that share one transaction: a bound for the wait of the first and for what one failure runs again. */
export const GROUP_REQUESTS_MAX = 256

/**
 * Pages between checkpoints: 64 MiB instead of the 16 of a store that is opened alone. Random keys write the same pages again
 * and again, so that a checkpoint a quarter as often spares an eighth of the CPU of inserts and up to half of their time on
 * a busy disk. The price is a longer log: on the disk, and to be read after a crash.
 */
const CHECKPOINT_PAGES = 16_000

/** Whoever writes while maintenance works waits for so long, at most once a second. */
const MAINTENANCE_EVERY_MS = 1_000
const MAINTENANCE_MS = 10

interface Waiting<Request, Reply> {
  readonly request: Request
  readonly resolve: (reply: Reply) => void
  readonly reject: (cause: unknown) => void
}

/** Opens the store and applies the schema files; throws what a start must be refused with. */
export function storeHandlers(options: StoreProcessOptions): PortHandlers<StoreContract> {
  const store = openStore(options)
  try {
    spaceCheckpoints(store)
    if (options.schemaFiles !== undefined) store.applySchema(options.schemaFiles, 'in-slices')
    // What a process before this one committed and did not sync must not be told either.
    store.sync()
  } catch (cause) {
    store.close()
    throw cause
  }
  return handlersOf(store)
}

function spaceCheckpoints({ database }: Store): void {
  const pages = database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`, { simple: true })
  assert(Number(pages) === CHECKPOINT_PAGES, `checkpoints are every ${pages} pages`)
}

/** The same for a store that is open. It is closed with the service. */
export function handlersOf(store: Store): PortHandlers<StoreContract> {
  const service = new StoreService(store)
  return {
    calls: {
      state: () => ({
        actor: store.actor,
        clusterId: store.clusterId,
        generation: store.generation,
        knowledge: store.knowledge(),
      }),
      transact: (statements) => service.transact(statements),
      apply: (batch) => service.apply(batch),
      definitions: () => store.definitions(),
      schema: (request) => service.schema(request),
      stats: () => store.stats(),
    },
    streams: {},
    start: (emit) => service.start(emit),
    stop: () => {
      service.stop()
      store.close()
    },
  }
}

interface RemoteBatch {
  readonly changesets: readonly Uint8Array[]
  readonly cleared: readonly ActorVersions[]
  readonly basis: readonly ActorVersions[]
}

class StoreService {
  readonly #store: Store
  readonly #local: Waiting<readonly SqlStatement[], TransactReply>[] = []
  readonly #remote: Waiting<RemoteBatch, ApplyReport>[] = []
  #emit: (event: StoreEvent) => void = () => undefined
  #scheduled = false
  #fatal: unknown
  /** Peers hear of a commit after a sync of its own; else SQLite has synced every commit. */
  readonly #tellsLater: boolean
  /** Commits that wait for a sync, in order. */
  #unsynced: LocalCommit[] = []
  #syncing = false

  #maintenance: NodeJS.Timeout | undefined

  constructor(store: Store) {
    this.#store = store
    this.#tellsLater = store.durability === 'normal'
  }

  stop(): void {
    clearInterval(this.#maintenance)
  }

  start(emit: (event: StoreEvent) => void): void {
    this.#emit = emit
    this.#maintenance = setInterval(() => this.#maintain(), MAINTENANCE_EVERY_MS)
    this.#maintenance.unref()
    // A table may be being adopted since the schema was applied, or since before the start.
    this.#schedule()
  }

  transact(request: readonly SqlStatement[]): Promise<TransactReply> {
    return this.#enqueue(this.#local, request)
  }

  apply(request: RemoteBatch): Promise<ApplyReport> {
    return this.#enqueue(this.#remote, request)
  }

  /** Between two pieces of work, at once. Throws what the disk says. */
  schema({ mode, files }: SchemaRequest): SchemaReply {
    if (this.#fatal !== undefined) throw this.#fatal
    try {
      const diff = this.#store.diffSchema(files)
      if (mode === 'diff') return { kind: 'done', ...diff }
      if (this.#store.applySchema(files, 'in-slices').length > 0) this.#emit({ kind: 'schema-changed' })
      this.#schedule()
      return { kind: 'done', ...diff }
    } catch (cause) {
      if (cause instanceof SchemaError) return refusalOf(cause)
      if (isFatal(cause)) this.#stopFor(sqliteCode(cause) ?? 'unknown', cause)
      throw cause
    }
  }

  #enqueue<Request, Reply>(queue: Waiting<Request, Reply>[], request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      queue.push({ request, resolve, reject })
      this.#schedule()
    })
  }

  /** After this turn's messages: what came together is worked on together. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const hasMore = this.#work()
      if (hasMore || this.#local.length > 0 || this.#remote.length > 0) this.#schedule()
    })
  }

  /** True where there is more to do than what waits in the queues. */
  #work(): boolean {
    if (this.#fatal !== undefined) {
      this.#refuseAll()
      return false
    }
    if (this.#local.length > 0) this.#runGroup(this.#local.splice(0, GROUP_REQUESTS_MAX))
    // One batch after each group: local writes come first, and cannot keep what others wrote waiting for ever.
    if (this.#fatal === undefined) this.#applyBatch(this.#remote.shift())
    return this.#fatal === undefined && this.#adopt()
  }

  /** Rows of a table that is being adopted come last, a slice at a time. True where there are more. */
  #adopt(): boolean {
    try {
      const slice = this.#store.adoptSlice()
      if (slice === undefined) return false
      if (slice.isLast) this.#emit({ kind: 'schema-changed' })
      this.#tellChanged(slice.touched)
      if (slice.commit !== undefined) this.#publish([slice.commit])
      return true
    } catch (cause) {
      // A slice that could not be done now is tried again with the next work; nothing of it stays.
      if (!isPassing(cause)) this.#stopFor(sqliteCode(cause) ?? 'adoption', cause)
      return false
    }
  }

  /** A little at a time, and only while nobody waits: it comes last. */
  #maintain(): void {
    if (this.#fatal !== undefined || this.#scheduled) return
    try {
      this.#store.maintain(MAINTENANCE_MS)
    } catch (cause) {
      if (!isPassing(cause)) this.#stopFor(sqliteCode(cause) ?? 'maintenance', cause)
    }
  }

  #runGroup(group: readonly Waiting<readonly SqlStatement[], TransactReply>[]): void {
    try {
      const { replies, commits, touched } = this.#store.transact(group.map(({ request }) => request))
      this.#tellChanged(touched)
      // The event first: whoever reads the reply finds the change on its way.
      this.#publish(commits)
      for (const [i, { resolve }] of group.entries()) resolve(replies[i] as TransactReply)
    } catch (cause) {
      this.#fail(cause, group)
    }
  }

  #tellChanged(tables: readonly TouchedTable[]): void {
    if (tables.length > 0) this.#emit({ kind: 'changed', tables })
  }

  #publish(commits: readonly LocalCommit[]): void {
    if (commits.length === 0) return
    if (!this.#tellsLater) this.#emit({ kind: 'committed', commits })
    else {
      this.#unsynced.push(...commits)
      void this.#publishSynced()
    }
  }

  /** One sync at a time; what is committed meanwhile goes with the next one. */
  async #publishSynced(): Promise<void> {
    if (this.#syncing) return
    this.#syncing = true
    while (this.#unsynced.length > 0) {
      const commits = this.#unsynced
      this.#unsynced = []
      try {
        await this.#store.syncLater()
      } catch (cause) {
        this.#stopFor('IOERR_FSYNC', cause)
        return
      }
      this.#emit({ kind: 'committed', commits })
    }
    this.#syncing = false
  }

  #applyBatch(waiting: Waiting<RemoteBatch, ApplyReport> | undefined): void {
    if (waiting === undefined) return
    try {
      const { changesets, cleared, basis } = waiting.request
      const claim = cleared.length === 0 ? undefined : { cleared, basis }
      const { report, touched } = this.#store.apply(changesets, claim)
      this.#tellChanged(touched)
      waiting.resolve(report)
    } catch (cause) {
      this.#fail(cause, [waiting])
    }
  }

  #fail(cause: unknown, group: readonly { readonly reject: (cause: unknown) => void }[]): void {
    for (const { reject } of group) reject(cause)
    if (isFatal(cause)) this.#stopFor(sqliteCode(cause) ?? 'unknown', cause)
  }

  #stopFor(code: string, cause: unknown): void {
    this.#fatal = cause
    this.#emit({ kind: 'fatal', code, message: (cause as Error).message })
  }

  #refuseAll(): void {
    for (const { reject } of [...this.#local.splice(0), ...this.#remote.splice(0)]) reject(this.#fatal)
  }
}

function refusalOf({ code, message, file, table, column }: SchemaError): SchemaReply {
  return { kind: 'refused', code, message, file, table, column }
}
