/**
 * Replication: that all copies converge, and that nothing is promised twice. In the end rows and knowledge of all running
 * nodes are the same and every store's own recount finds nothing; all the time, a version that anybody but its writer has
 * seen keeps its content (I-CRDT-6), and what was committed under `full` durability survives a loss of power.
 */
import { type ActorId, crc32, decodeChangesetHeader, type LocalCommit, type Version } from '@patina/base'
import type { Store } from '@patina/crdt-store'
import { Distribution } from '../distribution.ts'
import type { Fleet } from '../fleet.ts'
import type { Host } from '../host.ts'
import type { StoreWatcher } from '../node-program.ts'

const REMARKS_MAX = 5

export class ReplicationChecker implements StoreWatcher {
  readonly remarks: string[] = []
  /** Checksum of each changeset that was seen, by actor, version and first seq. */
  readonly #contents = new Map<string, number>()
  readonly #committedAt = new Map<string, number>()
  readonly #heads = new Map<ActorId, Version>()
  readonly #propagationMs: number[] = []
  readonly #now: () => number
  #rewritten = 0
  #lost = 0
  #commits = 0

  constructor(now: () => number) {
    this.#now = now
  }

  committed(host: Host, { version, changesets }: LocalCommit): void {
    this.#commits += 1
    this.#heads.set(host.actor, version)
    this.#committedAt.set(`${host.actor} ${version}`, this.#now())
    for (const bytes of changesets) this.#see(bytes)
  }

  applied(_host: Host, changesets: readonly Uint8Array[]): void {
    for (const bytes of changesets) {
      const seen = this.#see(bytes)
      const at = seen === undefined ? undefined : this.#committedAt.get(seen)
      if (at !== undefined) this.#propagationMs.push(this.#now() - at)
    }
  }

  /** A store is open again: what its actor had committed must be there. */
  opened(host: Host, store: Store): void {
    const promised = this.#heads.get(store.actor) ?? 0
    const head = store.knowledge().find(({ actor }) => actor === store.actor)?.head ?? 0
    if (head >= promised) return
    this.#lost += 1
    this.#remark(`n${host.node} has version ${head} after its start, it had promised ${promised}`)
  }

  /** `storeOf`: of a running host. */
  figures(fleet: Fleet, storeOf: (host: Host) => Store | undefined): [string, number][] {
    const stores = fleet.running().flatMap((host) => {
      const store = storeOf(host)
      return store === undefined ? [] : [{ host, store }]
    })
    const propagation = new Distribution(this.#propagationMs)
    const missing = stores.reduce((sum, { store }) => sum + this.#missingIn(store), 0)
    for (const { host, store } of stores)
      for (const finding of store.verify()) this.#remark(`n${host.node}: ${JSON.stringify(finding)}`)
    return [
      ['commits', this.#commits],
      ['rows', Number(stores[0]?.store.database.prepare('SELECT count(*) FROM things').pluck().get() ?? 0)],
      ['rows_differ', differing(stores.map(({ store }) => rowsOf(store)))],
      ['knowledge_differs', differing(stores.map(({ store }) => knowledgeOf(store)))],
      ['findings', stores.reduce((sum, { store }) => sum + store.verify().length, 0)],
      ['promised_missing', missing],
      ['versions_rewritten', this.#rewritten],
      ['commits_lost', this.#lost],
      ['propagation.p50_ms', propagation.percentile(50)],
      ['propagation.p99_ms', propagation.percentile(99)],
      ['propagation.max_ms', propagation.max()],
    ]
  }

  /** Versions that were committed somewhere and are not held there. */
  #missingIn(store: Store): number {
    const held = new Map(store.knowledge().map(({ actor, have }) => [actor, have]))
    let missing = 0
    for (const [actor, head] of this.#heads) {
      const have = held.get(actor) ?? []
      missing +=
        head - have.reduce((sum, { first, last }) => sum + Math.max(0, Math.min(last, head) - first + 1), 0)
    }
    return missing
  }

  /** Notes what the changeset says; returns its version's name. */
  #see(bytes: Uint8Array): string | undefined {
    const decoded = decodeChangesetHeader(bytes)
    if (!decoded.ok) return undefined
    const { actor, version, firstSeq } = decoded.value.header
    const name = `${actor} ${version}`
    const sum = crc32(bytes)
    const known = this.#contents.get(`${name} ${firstSeq}`)
    if (known !== undefined && known !== sum) {
      this.#rewritten += 1
      this.#remark(`version ${name} was seen with two contents`)
    }
    this.#contents.set(`${name} ${firstSeq}`, sum)
    return name
  }

  #remark(text: string): void {
    if (this.remarks.length < REMARKS_MAX) this.remarks.push(text)
  }
}

/** How many are not as the first. */
function differing(texts: readonly string[]): number {
  return texts.filter((text) => text !== texts[0]).length
}

function rowsOf(store: Store): string {
  const rows = store.database.prepare('SELECT * FROM things ORDER BY id').raw().all() as unknown[][]
  return rows.map((row) => row.join('|')).join('\n')
}

function knowledgeOf(store: Store): string {
  return store
    .knowledge()
    .filter(({ head }) => head > 0)
    .map(
      ({ actor, have, head }) =>
        `${actor} ${head} ${have.map(({ first, last }) => `${first}-${last}`).join(',')}`,
    )
    .sort()
    .join('\n')
}
