/**
 * The store: one SQLite file whose replicated tables converge with every other copy that gets its changesets. The facade
 * over its parts; opens the file and rebuilds from it what is kept in memory. Synchronous, one writer.
 */
import type {
  ActorId,
  ActorKnowledge,
  ActorVersions,
  Hlc,
  Need,
  OwnCheck,
  RememberedForks,
  SchemaHashes,
  ServedBatch,
  SqliteValue,
  Version,
} from '@patina/base'
import { type Database, type Durability, openDatabase } from '@patina/sqlite'
import type { Claim } from '../core/pending-claims.ts'
import type { StoreLimits } from '../limits.ts'
import type { StoreStats } from '../store-port.ts'
import { assembleParts } from './assemble-parts.ts'
import { walBytesOf } from './checkpoint.ts'
import { clearedVersions } from './cleared-versions.ts'
import { explain, type RowExplanation } from './explain.ts'
import { finishAdoption } from './finish-adoption.ts'
import { abandon, Rewriter, type RewriteSlice } from './fork-repair.ts'
import { giveUp } from './give-up.ts'
import { type BeginsRequest, type GroupOutcome, type LocalRequest, runGroup } from './local-group.ts'
import { LogServer } from './log-server.ts'
import { type Maintenance, maintain } from './maintenance.ts'
import { MetaTable } from './meta-table.ts'
import type { Misfit } from './misfits.ts'
import { NamesTable } from './names-table.ts'
import { checkOwn } from './own-versions.ts'
import type { PurgeCount, PurgeRequest } from './purge.ts'
import { type ApplyResult, retryAllQuarantined, runAgain, runBatch } from './remote-batch.ts'
import type { SchemaFile } from './schema.ts'
import type { SchemaChange, SchemaDiff } from './schema-diff.ts'
import { type SchemaProgress, type SchemaSlice, SchemaWork, userSchemaSql } from './schema-work.ts'
import { leaveWal, type SnapshotFacts, writeSnapshot } from './snapshot.ts'
import { prepareFile, randomActor } from './store-file.ts'
import type { StoreParts } from './store-parts.ts'
import { type Finding, verify } from './verify.ts'
import { WalSync } from './wal-sync.ts'

export interface StoreOptions {
  /** Path of the SQLite file, or ':memory:'. Created, with a new actor, where there is none. */
  readonly path: string
  /** Default `full`: an answered write is on the disk. */
  readonly durability?: Durability
  /** Text [a-z0-9-]{1,32}, kept in the file; another one than the file's is refused. Default `default`. */
  readonly clusterId?: string
  readonly limits?: Partial<StoreLimits>
  /** Draws the ids of new actors; for histories that must repeat bit for bit. Default: 16 random bytes. */
  readonly newActor?: () => ActorId
  /** Wall clock in microseconds since 1970. */
  readonly nowMicros?: () => number
}

export interface SchemaOptions {
  /** Default `at-once`. */
  readonly pace?: 'at-once' | 'in-slices'
  /** Default false: what would lose data is refused, and what the files do not name is kept. */
  readonly allowDestructive?: boolean
}

/** Opens or creates. Throws OpenError (packages/sqlite) or StoreOpenError; the file is then as it was. */
export function openStore(options: StoreOptions): Store {
  const { path, durability = 'full', clusterId = 'default', newActor = randomActor } = options
  const db = openDatabase(path, { durability, underLock: finishAdoption })
  try {
    prepareFile(db, path, { clusterId, newActor })
    return new Store(db, options)
  } catch (cause) {
    db.close()
    throw cause
  }
}

export class Store {
  readonly clusterId: string
  readonly durability: Durability
  /** Raised and durable at each open. */
  readonly generation: number
  readonly #meta: MetaTable
  readonly #newActor: () => ActorId
  readonly #parts: StoreParts
  readonly #rewriter: Rewriter
  readonly #schema: SchemaWork
  readonly #server: LogServer
  readonly #wal: WalSync | undefined
  #isVacuuming = false

  /** Use `openStore`. */
  constructor(
    db: Database,
    { durability = 'full', limits, nowMicros, newActor = randomActor }: StoreOptions,
  ) {
    this.#newActor = newActor
    const meta = new MetaTable(db)
    this.durability = durability
    this.#meta = meta
    this.clusterId = meta.text('cluster_id') ?? ''
    this.#wal = db.memory ? undefined : new WalSync(db.name)
    this.#server = new LogServer(db, () => this.sync())
    const assembled = assembleParts(db, meta, { limits, nowMicros })
    this.#parts = assembled.parts
    this.#rewriter = new Rewriter(this.#parts)
    this.#schema = new SchemaWork(this.#parts, { durability, names: new NamesTable(db), ...assembled })
    this.generation = raiseGeneration(this.#parts, meta)
    // Peers hear of the generation, and of what a process before this one committed and did not sync.
    this.sync()
  }

  /**
   * Brings the file to what schema files say. Throws SchemaError; then nothing has changed. `in-slices`: what rows must follow is
   * left to `schemaSlice`, so that others can write in between; else all of it is done here.
   */
  applySchema(files: readonly SchemaFile[], options: SchemaOptions = {}): SchemaChange[] {
    const { pace = 'at-once', allowDestructive = false } = options
    const { changes } = this.#schema.apply(files, { allowDestructive })
    if (changes.length > 0) this.#rewriter.restart()
    if (pace === 'at-once') while (this.schemaSlice() !== undefined);
    retryAllQuarantined(this.#parts)
    return [...changes]
  }

  /**
   * What a schema change has left to do, a slice of it (schema-work.ts). Undefined: nothing is left. Throws SQLite's error, with
   * nothing of it done.
   */
  schemaSlice(): SchemaSlice | undefined {
    const slice = this.#schema.slice()
    if (slice?.changesSchema === true) this.#rewriter.restart()
    return slice
  }

  /**
   * Forgets what stands here of tables and columns that the schema lacks; `schemaSlice` does it, with `isDry` it is only counted.
   * What that means for other nodes: docs/schema.md. Throws RequestRefused.
   */
  purge(request: PurgeRequest, isDry = false): PurgeCount {
    return this.#schema.purge(request, isDry)
  }

  /** The work that `schemaSlice` does, and how far it is. */
  schemaProgress(): readonly SchemaProgress[] {
    return this.#schema.progress()
  }

  /** What `applySchema` would change, and what stays without being named. Throws SchemaError; changes nothing. */
  diffSchema(files: readonly SchemaFile[], options: Omit<SchemaOptions, 'pace'> = {}): SchemaDiff {
    const { allowDestructive = false } = options
    return this.#schema.diff(files, { allowDestructive })
  }

  /** CREATE statements of what clients may name, views of schema files included. */
  definitions(): string[] {
    return [...userSchemaSql(this.#parts.db), ...this.#schema.viewDefinitions()]
  }

  /** What peers compare with theirs. */
  schemaHashes(): SchemaHashes {
    return this.#schema.hashes()
  }

  /** Runs local requests in one transaction; each has its outcome. Throws only where the file cannot be trusted. */
  transact(requests: readonly LocalRequest[], begins?: BeginsRequest): GroupOutcome {
    return runGroup(this.#parts, requests, this.durability, begins)
  }

  /**
   * Merges changesets from elsewhere, and takes what a peer called cleared in the same answer: it counts once all of the
   * peer's basis is held. Throws SQLite's error where nothing could be recorded.
   */
  apply(changesets: readonly Uint8Array[], claim?: Claim): ApplyResult {
    return runBatch(this.#parts, { changesets, claim })
  }

  /** Who writes here; another one after `abandon`. */
  get actor(): ActorId {
    return this.#parts.self.actor
  }

  /** Compares a version of the own actor, as a peer knows it, with what was written here. `other` and `beyond`: abandon. */
  checkOwn(version: Version, ts: Hlc): OwnCheck {
    return checkOwn(this.#parts, version, ts)
  }

  /**
   * Gives up an actor: the own one after a fork or on an old disk, or one whose copies are all gone. Returns the own actor
   * from now on, which is greater. Call `rewrite` until it is done; what peers hold of the abandoned one goes to `applyAgain`.
   */
  abandon(actor: ActorId = this.actor): ActorId {
    abandon(this.#parts, this.#meta, actor, this.#newActor())
    return this.actor
  }

  /** Actors that were given up here, whether anything of theirs is left or not. */
  abandoned(): ActorId[] {
    const { abandoned, actors } = this.#parts
    return abandoned.all().map((ordinal) => actors.idOf(ordinal))
  }

  /** What was kept of forks. */
  knownForks(): RememberedForks {
    return this.#parts.forks.read()
  }

  /** Remembers this in the place of what was known of forks. Throws SQLite's error, with nothing changed. */
  keepForks(known: RememberedForks): void {
    const { transactions, forks } = this.#parts
    transactions.run(() => forks.replace(known))
  }

  /** Writes the next rows of abandoned actors anew, in one version; their values stay as they are. */
  rewrite(): RewriteSlice {
    // What is on its way out is found once it stands beside the clocks.
    if (this.#schema.hasResidue()) {
      this.#schema.slice()
      return { commits: [], isDone: false }
    }
    return this.#rewriter.rewrite(this.durability)
  }

  /** Merges whole versions also where they are held: those that are cleared here, and other contents of abandoned actors. */
  applyAgain(changesets: readonly Uint8Array[]): ApplyResult {
    return runAgain(this.#parts, changesets)
  }

  /** Versions of others that are held as cleared: what a member asks for once more when it hears of a fork. */
  cleared(): ActorVersions[] {
    return clearedVersions(this.#parts)
  }

  /**
   * Declares versions lost that nobody has any more: from now on they are not missed. What is held, and what is own, stays so. Returns
   * what is known now of the actors for whom this is new. Throws SQLite's error, with nothing recorded.
   */
  giveUp(lost: readonly ActorVersions[]): ActorKnowledge[] {
    return giveUp(this.#parts, lost)
  }

  knowledge(): ActorKnowledge[] {
    return this.#parts.knowledge.all()
  }

  /** Log entries for needs; see LogServer. */
  serve(needs: readonly Need[], budgetBytes: number): ServedBatch {
    return this.#server.serve(needs, budgetBytes)
  }

  /** Who wrote each cell of a row, when; undefined for a row that nobody has ever written, or a table that is not replicated. */
  explain(table: string, key: readonly SqliteValue[]): RowExplanation | undefined {
    return explain(this.#parts, table, key)
  }

  /** Recounts the bookkeeping from log and tables; nothing where all agrees. Reads the whole file. */
  verify(): Finding[] {
    return verify(this.#parts)
  }

  stats(): StoreStats {
    const { db, log, knowledge } = this.#parts
    const number = (pragma: string): number => Number(db.pragma(pragma, { simple: true }))
    const rows = log.waiting()
    const held = rows.filter((row) => knowledge.has(this.#parts.actors.idOf(row.actor), row.version))
    return {
      databaseBytes: number('page_count') * number('page_size'),
      walBytes: walBytesOf(db),
      quarantined: new Set(held.map(({ actor, version }) => `${actor}/${version}`)).size,
      bufferedChunks: rows.length - held.length,
      misfits: this.#parts.misfits.seen,
    }
  }

  /** Where values came since the last call that the definitions here would not keep: each place once. */
  takeMisfits(): readonly Misfit[] {
    return this.#parts.misfits.takeUntold()
  }

  get limits(): StoreLimits {
    return this.#parts.limits
  }

  /** The write connection: for tests and embedders that read. */
  get database(): Database {
    return this.#parts.db
  }

  /** Makes everything committed durable; nothing to do under `full` durability. Throws the disk's error. */
  sync(): void {
    if (this.durability !== 'full') this.#wal?.sync()
  }

  /** The same without blocking; resolves at once where there is nothing to do. */
  async syncLater(): Promise<void> {
    if (this.durability !== 'full') await this.#wal?.syncLater()
  }

  /** What has been applied, too, which no durability syncs by itself. Throws the disk's error. */
  async makeDurable(): Promise<void> {
    await this.#wal?.syncLater()
  }

  /** Checkpoints, and gives space back to the disk for about `budgetMs`; nothing to do in most calls. Between requests. */
  maintain(budgetMs: number): Maintenance {
    const { db, limits } = this.#parts
    const options = { budgetMs, walBytesMax: limits.walBytesMax, isGoingOn: this.#isVacuuming }
    const maintenance = maintain(db, options)
    this.#isVacuuming = !maintenance.isDone
    return maintenance
  }

  /**
   * Writes a consistent copy of all of it to a new file, which a store may open or adopt: it gets an actor of its own. Blocks
   * the store; a read-only connection can do the same beside writes (`writeSnapshot`). Throws SnapshotError.
   */
  snapshot(path: string): SnapshotFacts {
    return writeSnapshot(this.#parts.db, path, () => this.sync())
  }

  /** Brings everything into the one file, so that it can be moved. Throws SnapshotError where somebody else has it open. */
  leaveWal(): void {
    leaveWal(this.#parts.db)
  }

  close(): void {
    this.#parts.db.close()
    this.#wal?.close()
  }
}

/** Greater than any generation before, also when the wall clock stepped back; durable before it is used. */
function raiseGeneration(parts: StoreParts, meta: MetaTable): number {
  const generation = Math.max(meta.number('generation') + 1, parts.clock.wallMillis())
  meta.set('generation', generation)
  return generation
}
