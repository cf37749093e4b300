/**
 * Broadcast: own changesets on their way to everybody, and those of others as they come in (docs/protocol.md,
 * "Replication messages"). The origin sends to all that have a session, in one hop (mode `direct`), so nothing is
 * forwarded. What is lost here, anti-entropy brings.
 */
import type { ActorId, LocalCommit } from '@patina/base'
import type { SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Intake } from './intake.ts'
import type { SyncMessage } from './message.ts'
import { cutBySize } from './serve.ts'

type ChangesMessage = Extract<SyncMessage, { kind: 'changes' }>

export class Broadcast {
  readonly #config: SyncConfig
  readonly #intake: Intake
  readonly #peers: Set<ActorId> = new Set()

  constructor(config: SyncConfig, intake: Intake) {
    this.#config = config
    this.#intake = intake
  }

  open(peer: ActorId): void {
    this.#peers.add(peer)
  }

  close(peer: ActorId): void {
    this.#peers.delete(peer)
  }

  /** To all that have a session, what is urgent first; the region tree for more than 16 members is not there yet. */
  send(commits: readonly LocalCommit[], out: Outbox): void {
    const { urgent = [], fresh = [] } = Object.groupBy(commits, (commit) =>
      isUrgent(commit, this.#config) ? 'urgent' : 'fresh',
    )
    this.#sendRuns(urgent, true, out)
    this.#sendRuns(fresh, false, out)
  }

  /** In mode `direct` nothing is forwarded; frames of the other modes are taken and not forwarded either. */
  take({ changesets, urgent }: ChangesMessage, out: Outbox): void {
    for (const bytes of changesets) {
      const verdict = this.#intake.take(bytes, urgent === true ? 'urgent' : 'fresh', out)
      if (verdict === 'new') out.count('broadcast_received')
      if (verdict === 'known') out.count('broadcast_duplicate')
      if (verdict === 'malformed') out.count('sync_malformed')
    }
  }

  #sendRuns(commits: readonly LocalCommit[], urgent: boolean, out: Outbox): void {
    const peers = [...this.#peers]
    const all = commits.flatMap(({ changesets }) => changesets)
    for (const changesets of cutBySize(all, this.#config.changesBytes)) {
      if (changesets.length === 0) continue
      out.send(peers, 'fresh', { kind: 'changes', mode: 'direct', urgent, changesets })
      out.count('broadcast_sent', changesets.length * peers.length)
    }
  }
}

/**
 * Who acts on a row that is gone does harm, so deletions hurry; so do the tables that the configuration names. A version that
 * does not fit into one message is bulk, whatever it holds: it must not keep the small ones waiting.
 */
function isUrgent(
  { deletes, tables, changesets }: LocalCommit,
  { urgentTables, changesBytes }: SyncConfig,
): boolean {
  if (deletes !== true && !tables?.some((table) => urgentTables.includes(table))) return false
  return changesets.reduce((sum, { length }) => sum + length, 0) <= changesBytes
}
