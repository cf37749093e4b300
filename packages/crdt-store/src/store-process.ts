/**
 * The store behind a Port. Local requests that arrive in one turn of the event loop share a transaction. One piece of work
 * at a time: a group of local writes, a batch of remote changesets, or a piece of maintenance; core/turns.ts says whose turn
 * it is. Under `normal` durability a client is answered at the commit, and the rest of the world hears of it after a sync.
 * An error of the disk is told once and ends the service: nothing is acknowledged after it.
 * Its queues are bounded by the caller, by kind (`pendingMaxByKind` of the port): a call that waits here is pending there.
 */
import {
  type ActorKnowledge,
  type ActorVersions,
  type ApplyReport,
  assert,
  instant,
  type LocalCommit,
  type PortHandlers,
} from '@patina/base'
import type { BegunCalls, SqlStatement } from '@patina/sqlite'
import type { TouchedTable } from './core/touched.ts'
import { Turns } from './core/turns.ts'
import { isFatal, isPassing, RequestRefused, SchemaError, sqliteCode } from './errors.ts'
import { forkCalls } from './fork-calls.ts'
import type { SchemaFile } from './sqlite/schema.ts'
import { openStore, type Store, type StoreOptions } from './sqlite/store.ts'
import type {
  PurgeCall,
  PurgeReply,
  SchemaReply,
  SchemaRequest,
  StoreContract,
  StoreEvent,
  TransactReply,
} from './store-port.ts'

export interface StoreProcessOptions extends StoreOptions {
  /** Absent: the schema of the file stays as it is. */
  readonly schemaFiles?: readonly SchemaFile[]
}

/** Requests that share one transaction: a bound for the wait of the first and for what one failure runs again. */
export const GROUP_REQUESTS_MAX = 256

/**
 * Pages between checkpoints, where the bound of the log allows it: 64 MiB instead of the 16 of a store that is opened alone. Random keys write the same pages again
 * and again, so that a checkpoint a quarter as often spares an eighth of the CPU of inserts and up to half of their time on
 * a busy disk. The price is a longer log: on the disk, and to be read after a crash.
 */
const CHECKPOINT_PAGES_MAX = 16_000
/** Of the bound: a log without readers that hold it stays far from being an alarm. */
const CHECKPOINT_PART = 1 / 4

/** Whoever writes while upkeep works waits for so long, at most once a second. */
const UPKEEP_EVERY_MS = 1_000
const UPKEEP_MS = 10
/** While the log is held and nears its bound: its reader must be found and ended before. */
const ALARMED_EVERY_MS = 250

interface Waiting<Request, Reply> {
  readonly request: Request
  /** Of the call; undefined where no port is in between. */
  readonly id: number | undefined
  readonly resolve: (reply: Reply) => void
  readonly reject: (cause: unknown) => void
}

/**
 * Opens the store and applies the schema files; throws what a start must be refused with. In a process, `begun` tells who
 * watches it what it works on, and lets calls be taken back that have not begun.
 */
export function storeHandlers(options: StoreProcessOptions, begun?: BegunCalls): PortHandlers<StoreContract> {
  const store = openStore(options)
  try {
    spaceCheckpoints(store)
    if (options.schemaFiles !== undefined) applyAtStart(store, options.schemaFiles)
    // What a process before this one committed and did not sync must not be told either.
    store.sync()
  } catch (cause) {
    store.close()
    throw cause
  }
  return handlersOf(store, begun)
}

/** What a process before this one began on a table, and these files want otherwise, is brought to its end: nobody else would. */
function applyAtStart(store: Store, files: readonly SchemaFile[]): void {
  try {
    store.applySchema(files, { pace: 'in-slices' })
  } catch (cause) {
    if (!(cause instanceof SchemaError && UNDER_WAY.includes(cause.code))) throw cause
    while (store.schemaSlice() !== undefined);
    store.applySchema(files, { pace: 'in-slices' })
  }
}

/** Refusals that end by themselves in a running store. */
const UNDER_WAY: readonly string[] = ['adopting', 'changing']

function spaceCheckpoints({ database, limits }: Store): void {
  const pageBytes = Number(database.pragma('page_size', { simple: true }))
  const wanted = Math.min(
    CHECKPOINT_PAGES_MAX,
    Math.floor((limits.walBytesMax * CHECKPOINT_PART) / pageBytes),
  )
  const pages = database.pragma(`wal_autocheckpoint = ${wanted}`, { simple: true })
  assert(Number(pages) === wanted, `checkpoints are every ${pages} pages`)
}

/** The same for a store that is open. It is closed with the service. */
export function handlersOf(store: Store, begun?: BegunCalls): PortHandlers<StoreContract> {
  const service = new StoreService(store, begun)
  return {
    calls: {
      state: () => ({
        actor: store.actor,
        clusterId: store.clusterId,
        generation: store.generation,
        knowledge: store.knowledge(),
        abandoned: store.abandoned(),
        forks: store.knownForks(),
        schema: store.schemaHashes(),
      }),
      transact: (statements, id) => service.transact(statements, id),
      apply: (batch, id) => service.apply(batch, id),
      makeDurable: () => service.makeDurable(),
      giveUp: ({ lost }) => service.giveUp(lost),
      definitions: () => store.definitions(),
      schema: (request, id) => service.schema(request, id),
      schemaProgress: () => store.schemaProgress(),
      purge: (request) => service.purge(request),
      stats: () => store.stats(),
      ...service.forkCalls(),
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
  readonly #turns = new Turns()
  readonly #local: Waiting<readonly SqlStatement[], TransactReply>[] = []
  readonly #remote: Waiting<RemoteBatch, ApplyReport>[] = []
  readonly #schema: Waiting<SchemaRequest, SchemaReply>[] = []
  /** There may be rows to adopt: since the schema was applied, or since before the start. */
  #hasSlices = true
  #isUpkeepDue = false
  #emit: (event: StoreEvent) => void = () => undefined
  #scheduled = false
  #fatal: unknown
  /** Peers hear of a commit after a sync of its own; else SQLite has synced every commit. */
  readonly #tellsLater: boolean
  /** Commits that wait for a sync, in order. */
  #unsynced: LocalCommit[] = []
  #syncing = false
  #upkeep: NodeJS.Timeout | undefined
  #alarmed: NodeJS.Timeout | undefined

  readonly #begun: BegunCalls | undefined

  constructor(store: Store, begun: BegunCalls | undefined) {
    this.#store = store
    this.#begun = begun
    this.#tellsLater = store.durability === 'normal'
  }

  stop(): void {
    clearInterval(this.#upkeep)
    clearTimeout(this.#alarmed)
  }

  start(emit: (event: StoreEvent) => void): void {
    this.#emit = emit
    this.#upkeep = setInterval(() => this.#upkeepIsDue(), UPKEEP_EVERY_MS)
    this.#upkeep.unref()
    this.#scheduleNext()
  }

  forkCalls(): ReturnType<typeof forkCalls> {
    return forkCalls({
      store: this.#store,
      publish: (commits) => this.#publish(commits),
      changed: (tables) => this.#tellChanged(tables),
      guarded: (work) => this.#guarded(work),
    })
  }

  transact(request: readonly SqlStatement[], id?: number): Promise<TransactReply> {
    return this.#enqueue(this.#local, request, id)
  }

  /** Throws what the disk says. */
  giveUp(lost: readonly ActorVersions[]): { readonly knowledge: readonly ActorKnowledge[] } {
    return this.#guarded(() => ({ knowledge: this.#store.giveUp(lost) }))
  }

  /** Without waiting for the turn of anything else: the disk works beside the loop. */
  async makeDurable(): Promise<null> {
    try {
      await this.#store.makeDurable()
      return null
    } catch (cause) {
      this.#stopFor('IOERR_FSYNC', cause)
      throw cause
    }
  }

  apply(request: RemoteBatch, id?: number): Promise<ApplyReport> {
    return this.#enqueue(this.#remote, request, id)
  }

  /** Throws what the disk says. */
  schema(request: SchemaRequest, id?: number): Promise<SchemaReply> {
    return this.#enqueue(this.#schema, request, id)
  }

  /** Counts at once; what is to be done is done in slices. */
  purge({ isDry, ...request }: PurgeCall): PurgeReply {
    try {
      const count = this.#store.purge(request, isDry)
      if (!isDry) this.#slicesAreDue()
      return { kind: 'done', ...count }
    } catch (cause) {
      if (cause instanceof RequestRefused)
        return { kind: 'refused', code: cause.code, message: cause.message }
      if (isFatal(cause)) this.#stopFor(sqliteCode(cause) ?? 'purge', cause)
      throw cause
    }
  }

  #slicesAreDue(): void {
    this.#hasSlices = true
    this.#scheduleNext()
  }

  #enqueue<Request, Reply>(
    queue: Waiting<Request, Reply>[],
    request: Request,
    id: number | undefined,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      queue.push({ request, id, resolve, reject })
      this.#scheduleNext()
    })
  }

  /** A slice that could not be done a second ago is tried again, too. */
  #upkeepIsDue(): void {
    this.#hasSlices = true
    this.#isUpkeepDue = true
    this.#scheduleNext()
  }

  /** After this turn's messages: what came together is worked on together. */
  #scheduleNext(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (this.#fatal !== undefined) this.#refuseAll()
      else if (this.#work()) this.#scheduleNext()
    })
  }

  /** One piece of work. False where there was none. */
  #work(): boolean {
    const turn = this.#turns.next(instant(performance.now()), {
      local: this.#local.length > 0,
      remote: this.#remote.length > 0,
      maintenance: this.#schema.length > 0 || this.#hasSlices || this.#isUpkeepDue,
    })
    if (turn === 'local') this.#runGroup(this.#local.splice(0, GROUP_REQUESTS_MAX))
    if (turn === 'remote') this.#applyBatch(this.#remote.shift())
    if (turn === 'maintenance') this.#maintain()
    if (turn !== undefined) this.#begun?.rest()
    return turn !== undefined
  }

  /** Upkeep first: it is due once a second, and slices may go on for minutes. */
  #maintain(): void {
    const schema = this.#isUpkeepDue ? undefined : this.#schema.shift()
    this.#begun?.work(schema?.id)
    try {
      if (this.#isUpkeepDue) this.#keepUp()
      else if (schema !== undefined) schema.resolve(this.#changeSchema(schema.request))
      else this.#adopt()
    } catch (cause) {
      schema?.reject(cause)
      const isOurs = schema === undefined && !isPassing(cause)
      if (isOurs || isFatal(cause)) this.#stopFor(sqliteCode(cause) ?? 'maintenance', cause)
    }
  }

  #keepUp(): void {
    this.#isUpkeepDue = false
    const { wal } = this.#store.maintain(UPKEEP_MS)
    if (wal.kind !== 'held' || !wal.isAlarming) return
    this.#emit({ kind: 'wal-held', walBytes: wal.walBytes })
    this.#alarmed = setTimeout(() => this.#upkeepIsDue(), ALARMED_EVERY_MS).unref()
  }

  #changeSchema({ mode, files, allowDestructive = false }: SchemaRequest): SchemaReply {
    try {
      const diff = this.#store.diffSchema(files, { allowDestructive })
      if (mode === 'diff') return { kind: 'done', ...diff }
      if (this.#store.applySchema(files, { pace: 'in-slices', allowDestructive }).length > 0)
        this.#emit({ kind: 'schema-changed', schema: this.#store.schemaHashes() })
      this.#hasSlices = true
      return { kind: 'done', ...diff }
    } catch (cause) {
      if (cause instanceof SchemaError) return refusalOf(cause)
      throw cause
    }
  }

  /** One slice of the rows of a table that is being adopted. One that cannot be done now leaves nothing, and waits. */
  #adopt(): void {
    this.#hasSlices = false
    const slice = this.#store.schemaSlice()
    if (slice === undefined) return
    this.#hasSlices = true
    if (slice.failed !== undefined) this.#emit({ kind: 'schema-failed', message: slice.failed })
    if (slice.changesSchema) this.#emit({ kind: 'schema-changed', schema: this.#store.schemaHashes() })
    this.#tellChanged(slice.touched)
    if (slice.commit !== undefined) this.#publish([slice.commit])
  }

  #runGroup(group: readonly Waiting<readonly SqlStatement[], TransactReply>[]): void {
    try {
      const requests = group.map(({ request }) => request)
      const { replies, commits, touched } = this.#store.transact(requests, (at) =>
        this.#begins(group[at]?.id),
      )
      this.#tellChanged(touched)
      // The event first: whoever reads the reply finds the change on its way.
      this.#publish(commits)
      for (const [i, { resolve }] of group.entries()) resolve(replies[i] as TransactReply)
    } catch (cause) {
      this.#fail(cause, group)
    }
  }

  #begins(id: number | undefined): boolean {
    return id === undefined || this.#begun === undefined || this.#begun.begin(id)
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
    this.#begun?.work(waiting.id)
    try {
      const { changesets, cleared, basis } = waiting.request
      const claim = cleared.length === 0 ? undefined : { cleared, basis }
      const { report, touched } = this.#store.apply(changesets, claim)
      this.#tellChanged(touched)
      const places = this.#store.takeMisfits()
      if (places.length > 0) this.#emit({ kind: 'misfits', places })
      waiting.resolve(report)
    } catch (cause) {
      this.#fail(cause, [waiting])
    }
  }

  #fail(cause: unknown, group: readonly { readonly reject: (cause: unknown) => void }[]): void {
    for (const { reject } of group) reject(cause)
    if (isFatal(cause)) this.#stopFor(sqliteCode(cause) ?? 'unknown', cause)
  }

  /** Whoever watches the process is told that it works: a list of a long log may take seconds. */
  #guarded<T>(work: () => T): T {
    if (this.#fatal !== undefined) throw this.#fatal
    this.#begun?.work()
    try {
      return work()
    } catch (cause) {
      if (isFatal(cause)) this.#stopFor(sqliteCode(cause) ?? 'unknown', cause)
      throw cause
    } finally {
      this.#begun?.rest()
    }
  }

  #stopFor(code: string, cause: unknown): void {
    this.#fatal = cause
    this.#emit({ kind: 'fatal', code, message: (cause as Error).message })
  }

  #refuseAll(): void {
    const waiting = [...this.#local.splice(0), ...this.#remote.splice(0), ...this.#schema.splice(0)]
    for (const { reject } of waiting) reject(this.#fatal)
  }
}

function refusalOf({ code, message, file, table, column }: SchemaError): SchemaReply {
  return { kind: 'refused', code, message, file, table, column }
}
