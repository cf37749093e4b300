/**
 * Membership: what an agent adds to the membership machine: tags that programs set, addresses remembered across restarts,
 * suspensions of the machine that no deadline shows, leaving and asking the seeds again. The machine decides everything.
 */
import { uptime } from 'node:os'
import type { ActorId, PeerAddress } from '@patina/base'
import type { NodeEvent } from '@patina/node'
import {
  type Explanation,
  METADATA_BYTES_MAX,
  type MemberMetadata,
  type MemberView,
  metadataBytes,
} from '@patina/swim'
import { MemberCache, memberCachePath } from './member-cache.ts'
import { OwnTags } from './own-tags.ts'
import { watchSuspends } from './suspend-watch.ts'

const MS_PER_SECOND = 1_000
const RECONCILE_MS = 5_000

/** The part of the node machine that is asked. */
export interface MembershipMachine {
  members(): MemberView[]
  self(): MemberView
  explain(actor: ActorId): Explanation | undefined
}

export interface MembershipOptions {
  readonly machine: MembershipMachine
  /** What is told of this member at its start. */
  readonly metadata: MemberMetadata
  readonly databasePath: string
  readonly feed: (event: NodeEvent) => void
  readonly warn: (fields: object, sentence: string) => void
  /** What others see of this member has changed. */
  readonly selfChanged: (self: MemberView) => void
  /** Look at all members: an event may have been missed, and round trips become known without one. */
  readonly reconcile: () => void
}

export class Membership {
  readonly tags: OwnTags
  readonly #options: MembershipOptions
  readonly #cache: MemberCache
  #seeds: readonly PeerAddress[] = []
  #stopWatch: () => void = () => {}
  #reconciling: NodeJS.Timeout | undefined

  constructor(options: MembershipOptions) {
    const { metadata, databasePath, warn } = options
    this.#options = options
    this.#cache = new MemberCache(memberCachePath(databasePath), (reason) =>
      warn({ reason }, 'the addresses of members are not kept'),
    )
    this.tags = new OwnTags({
      configured: metadata.tags,
      now: () => performance.now(),
      fits: (tags) => metadataBytes({ ...metadata, tags }) <= METADATA_BYTES_MAX,
      changed: (tags) => this.#tell({ ...metadata, tags }),
    })
  }

  /** Begins with the addresses of the last run; the seeds follow by `join`. */
  async start(): Promise<void> {
    const remembered = await this.#cache.load()
    this.#options.feed({ kind: 'join', seeds: [], remembered })
    this.#startReconciling()
    this.#stopWatch = watchSuspends(
      { monotonicMs: () => performance.now(), bootMs: () => uptime() * MS_PER_SECOND },
      (forMs) => {
        this.#options.warn({ ms: Math.round(forMs) }, 'this machine was suspended')
        this.#options.feed({ kind: 'paused', forMs })
      },
    )
  }

  join(seeds: readonly PeerAddress[]): void {
    this.#seeds = seeds
    this.#options.feed({ kind: 'join', seeds })
  }

  /** The members have changed. */
  changed(): void {
    this.#cache.note(this.#options.machine.members())
  }

  explain(actor: ActorId): Explanation | undefined {
    return this.#options.machine.explain(actor)
  }

  /** False where it has left already. The process goes on: its API serves what it holds. */
  leave(): boolean {
    if (this.#hasLeft()) return false
    this.#options.feed({ kind: 'leave' })
    this.#options.selfChanged(this.#options.machine.self())
    return true
  }

  /** Asks the seeds at once. False where it has left: that is final until the agent is started again. */
  rejoin(): boolean {
    if (this.#hasLeft()) return false
    this.join(this.#seeds)
    return true
  }

  async stop(): Promise<void> {
    this.#stopWatch()
    clearInterval(this.#reconciling)
    this.tags.close()
    await this.#cache.save()
  }

  #startReconciling(): void {
    this.#reconciling = setInterval(() => this.#options.reconcile(), RECONCILE_MS)
    this.#reconciling.unref()
  }

  #tell(metadata: MemberMetadata): void {
    if (this.#hasLeft()) return
    this.#options.feed({ kind: 'set-metadata', metadata })
    this.#options.selfChanged(this.#options.machine.self())
  }

  #hasLeft(): boolean {
    return this.#options.machine.self().state === 'left'
  }
}
