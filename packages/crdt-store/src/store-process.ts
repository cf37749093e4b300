/**
 * The store behind a Port. Requests that arrive in one turn of the event loop share a transaction; local writes go before
 * remote changesets, so that a node that catches up still answers its clients. An error of the disk is told once and
 * ends the service: nothing is acknowledged after it.
 */
import type { ActorVersions, ApplyReport, PortHandlers } from '@patina/base'
import type { SqlStatement } from '@patina/sqlite'
import { isFatal, sqliteCode } from './errors.ts'
import type { SchemaFile } from './sqlite/schema.ts'
import { openStore, type Store, type StoreOptions } from './sqlite/store.ts'
import type { StoreContract, StoreEvent, TransactReply } from './store-port.ts'

export interface StoreProcessOptions extends StoreOptions {
  readonly schemaFiles: readonly SchemaFile[]
}

/** Requests that share one transaction: a bound for the wait of the first and for what one failure runs again. */
export const GROUP_REQUESTS_MAX = 256

interface Waiting<Request, Reply> {
  readonly request: Request
  readonly resolve: (reply: Reply) => void
  readonly reject: (cause: unknown) => void
}

/** Opens the store and applies the schema files; throws what a start must be refused with. */
export function storeHandlers(options: StoreProcessOptions): PortHandlers<StoreContract> {
  const store = openStore(options)
  try {
    store.applySchema(options.schemaFiles)
  } catch (cause) {
    store.close()
    throw cause
  }
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
      stats: () => store.stats(),
    },
    streams: {},
    start: (emit) => service.start(emit),
    stop: () => store.close(),
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

  constructor(store: Store) {
    this.#store = store
  }

  start(emit: (event: StoreEvent) => void): void {
    this.#emit = emit
  }

  transact(request: readonly SqlStatement[]): Promise<TransactReply> {
    return this.#enqueue(this.#local, request)
  }

  apply(request: RemoteBatch): Promise<ApplyReport> {
    return this.#enqueue(this.#remote, request)
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
      this.#work()
      if (this.#local.length > 0 || this.#remote.length > 0) this.#schedule()
    })
  }

  #work(): void {
    if (this.#fatal !== undefined) this.#refuseAll()
    else if (this.#local.length > 0) this.#runGroup(this.#local.splice(0, GROUP_REQUESTS_MAX))
    else this.#applyBatch(this.#remote.shift())
  }

  #runGroup(group: readonly Waiting<readonly SqlStatement[], TransactReply>[]): void {
    try {
      const { replies, commits } = this.#store.transact(group.map(({ request }) => request))
      // The event first: whoever reads the reply finds the change on its way.
      if (commits.length > 0) this.#emit({ kind: 'committed', commits })
      for (const [i, { resolve }] of group.entries()) resolve(replies[i] as TransactReply)
    } catch (cause) {
      this.#fail(cause, group)
    }
  }

  #applyBatch(waiting: Waiting<RemoteBatch, ApplyReport> | undefined): void {
    if (waiting === undefined) return
    try {
      waiting.resolve(this.#store.apply(waiting.request.changesets))
    } catch (cause) {
      this.#fail(cause, [waiting])
    }
  }

  #fail(cause: unknown, group: readonly { readonly reject: (cause: unknown) => void }[]): void {
    for (const { reject } of group) reject(cause)
    if (!isFatal(cause)) return
    this.#fatal = cause
    this.#emit({ kind: 'fatal', code: sqliteCode(cause) ?? 'unknown', message: (cause as Error).message })
  }

  #refuseAll(): void {
    for (const { reject } of [...this.#local.splice(0), ...this.#remote.splice(0)]) reject(this.#fatal)
  }
}
