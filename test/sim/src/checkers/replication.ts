/**
 * Replication: that all copies converge, and that nothing is promised twice. In the end rows, stamps and knowledge of all
 * running nodes are the same and every store's own recount finds nothing; all the time, a version that anybody but its
 * writer has seen keeps its content (I-CRDT-6), and what others were told of survives a loss of power.
 */
import { type ActorId, crc32, decodeChangesetHeader, type LocalCommit, type Version } from '@patina/base'
import type { Store } from '@patina/crdt-store'
import { Distribution } from '../distribution.ts'
import type { Fleet } from '../fleet.ts'
import type { Host } from '../host.ts'
import type { StoreWatcher } from '../running-node.ts'
import { differing, knowledgeOf, rowsOf, stampsOf } from './agreement.ts'

const REMARKS_MAX = 5
/** The last commits of a run, which show how fresh ones fare when all else is over. */
const LAST_COMMITS = 20

interface Propagation {
  /** It deletes, so that it goes before others (docs/protocol.md, "Broadcast"). */
  readonly isUrgent: boolean
  /** How long each apply elsewhere took. */
  readonly ms: number[]
}

export class ReplicationChecker implements StoreWatcher {
  readonly remarks: string[] = []
  /** Checksum of each changeset that was seen, by actor, version and first seq. */
  readonly #contents = new Map<string, number>()
  readonly #committedAt = new Map<string, number>()
  readonly #heads = new Map<ActorId, Version>()
  /** Per commit, in order. */
  readonly #propagation = new Map<string, Propagation>()
  readonly #now: () => number
  #rewritten = 0
  #lost = 0
  #commits = 0

  constructor(now: () => number) {
    this.#now = now
  }

  committed(host: Host, { version, changesets, deletes }: LocalCommit): void {
    this.#commits += 1
    this.#heads.set(host.actor, version)
    this.#committedAt.set(`${host.actor} ${version}`, this.#now())
    this.#propagation.set(`${host.actor} ${version}`, { isUrgent: deletes === true, ms: [] })
    for (const bytes of changesets) this.#see(bytes)
  }

  applied(_host: Host, changesets: readonly Uint8Array[]): void {
    for (const bytes of changesets) {
      const seen = this.#see(bytes)
      if (seen === undefined) continue
      const at = this.#committedAt.get(seen)
      if (at !== undefined) this.#propagation.get(seen)?.ms.push(this.#now() - at)
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
    const all = [...this.#propagation.values()]
    const propagation = distributionOf(all)
    const urgent = distributionOf(all.filter(({ isUrgent }) => isUrgent))
    const last = distributionOf(all.slice(-LAST_COMMITS))
    const missing = stores.reduce((sum, { store }) => sum + this.#missingIn(store), 0)
    const findings = stores.flatMap(({ host, store }) => store.verify().map((finding) => ({ host, finding })))
    for (const { host, finding } of findings) this.#remark(`n${host.node}: ${JSON.stringify(finding)}`)
    const differ = (textOf: (store: Store) => string): number =>
      differing(stores.map(({ store }) => textOf(store)))
    return [
      ['commits', this.#commits],
      ['rows', Number(stores[0]?.store.database.prepare('SELECT count(*) FROM things').pluck().get() ?? 0)],
      ['rows_differ', differ(rowsOf)],
      ['stamps_differ', differ(stampsOf)],
      ['knowledge_differs', differ(knowledgeOf)],
      ['findings', findings.length],
      ['promised_missing', missing],
      ['versions_rewritten', this.#rewritten],
      ['commits_lost', this.#lost],
      ['propagation.p50_ms', propagation.percentile(50)],
      ['propagation.p99_ms', propagation.percentile(99)],
      ['propagation.max_ms', propagation.max()],
      ['propagation.last_max_ms', last.max()],
      ['propagation.last', last.count],
      ['urgent.p50_ms', urgent.percentile(50)],
      ['urgent.p99_ms', urgent.percentile(99)],
      ['urgent.max_ms', urgent.max()],
      ['urgent', urgent.count],
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

function distributionOf(commits: readonly Propagation[]): Distribution {
  return new Distribution(commits.flatMap(({ ms }) => ms))
}
