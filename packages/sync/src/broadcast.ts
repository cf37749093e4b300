/**
 * Broadcast: own changesets on their way to everybody, and those of others as they come in (docs/protocol.md,
 * "Replication messages"). The origin sends to all that have a session, in one hop (mode `direct`), so nothing is
 * forwarded. What is lost here, anti-entropy brings.
 */
import type { ActorId, LocalCommit } from '@patina/base'
import type { SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Intake } from './intake.ts'
import { cutBySize } from './serve.ts'

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

  /** To all that have a session; the region tree for more than 16 members is not there yet. */
  send(commits: readonly LocalCommit[], out: Outbox): void {
    const peers = [...this.#peers]
    const all = commits.flatMap(({ changesets }) => changesets)
    for (const changesets of cutBySize(all, this.#config.changesBytes)) {
      if (changesets.length === 0) continue
      out.send(peers, 'fresh', { kind: 'changes', mode: 'direct', changesets })
      out.count('broadcast_sent', changesets.length * peers.length)
    }
  }

  /** In mode `direct` nothing is forwarded; frames of the other modes are taken and not forwarded either. */
  take(changesets: readonly Uint8Array[], out: Outbox): void {
    for (const bytes of changesets) {
      const verdict = this.#intake.take(bytes, 'fresh', out)
      if (verdict === 'new') out.count('broadcast_received')
      if (verdict === 'known') out.count('broadcast_duplicate')
      if (verdict === 'malformed') out.count('sync_malformed')
    }
  }
}
