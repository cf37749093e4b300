/**
 * Schema files of a running agent: read again and applied, or held against the database to tell what a reload would change.
 * An invalid schema changes nothing and is told; the agent goes on with the one that it has. Asked for by SIGHUP and by the
 * HTTP API. What files say is the business of crdt-store; main only reads them.
 */
import type { PurgeCall, PurgeReply, SchemaDiff, SchemaFault, SchemaProgress } from '@patina/crdt-store'
import { StartRefusal } from '@patina/program'
import type { Logger } from 'pino'
import { sentenceOf } from './port-error.ts'
import { readSchemaFiles, type SchemaText } from './schema-files.ts'
import type { StoreChild } from './store-child.ts'

/** `refused`: the files are at fault, nothing has changed. `failed`: no answer came; the change may yet be made. */
export type ReloadOutcome =
  | ({ readonly kind: 'done' } & SchemaDiff)
  | ({ readonly kind: 'refused' } & SchemaFault)
  | { readonly kind: 'failed'; readonly message: string }

export interface DestructiveOptions {
  readonly allowDestructive?: boolean
}

export interface SchemaReloadOptions {
  /** `db.schema_paths`. */
  readonly paths: readonly string[]
  readonly store: Pick<StoreChild, 'definitions' | 'purge' | 'schema' | 'schemaProgress'>
  readonly timeoutMs: number
  readonly log: Logger
}

export class SchemaReload {
  readonly #options: SchemaReloadOptions

  constructor(options: SchemaReloadOptions) {
    this.#options = options
  }

  /** Applies the files as they are now. What came of it is in the log, too. */
  async reload(options: DestructiveOptions = {}): Promise<ReloadOutcome> {
    const { log } = this.#options
    const outcome = await this.#ask('apply', options)
    if (outcome.kind === 'done') {
      for (const change of outcome.changes) log.info(change, 'schema changed')
      log.info({ changes: outcome.changes.length }, 'schema reloaded')
    } else log.error({ reason: outcome.message }, 'the schema was not reloaded: nothing has changed')
    return outcome
  }

  /** What `reload` would change. */
  diff(options: DestructiveOptions = {}): Promise<ReloadOutcome> {
    return this.#ask('diff', options)
  }

  /** What a change has left to do; undefined while the store cannot tell. */
  async pending(): Promise<readonly SchemaProgress[] | undefined> {
    const answered = await this.#options.store.schemaProgress(this.#options.timeoutMs)
    return answered.ok ? answered.value : undefined
  }

  /** Forgets what the schema lacks of a table or column; undefined while the store does not answer. */
  async purge(call: PurgeCall): Promise<PurgeReply | undefined> {
    const answered = await this.#options.store.purge(call, this.#options.timeoutMs)
    if (!answered.ok) return undefined
    if (!call.isDry) this.#options.log.warn({ ...call, ...answered.value }, 'purge')
    return answered.value
  }

  /** What the database holds, as CREATE statements; undefined while the store cannot tell. */
  async definitions(): Promise<readonly string[] | undefined> {
    const answered = await this.#options.store.definitions(this.#options.timeoutMs)
    return answered.ok ? answered.value : undefined
  }

  async #ask(
    mode: 'apply' | 'diff',
    { allowDestructive = false }: DestructiveOptions,
  ): Promise<ReloadOutcome> {
    const files = this.#read()
    if (!Array.isArray(files)) return files
    const request = { mode, files, ...(allowDestructive ? { allowDestructive } : {}) }
    const answered = await this.#options.store.schema(request, this.#options.timeoutMs)
    return answered.ok ? answered.value : { kind: 'failed', message: sentenceOf(answered.error) }
  }

  #read(): SchemaText[] | (ReloadOutcome & { readonly kind: 'refused' }) {
    try {
      return readSchemaFiles(this.#options.paths)
    } catch (cause) {
      if (!(cause instanceof StartRefusal)) throw cause
      return { kind: 'refused', code: 'unreadable', message: cause.message }
    }
  }
}
