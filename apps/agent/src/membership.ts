/**
 * Membership: what an agent adds to the membership machine: tags that programs set, addresses remembered across restarts,
 * suspensions of the machine that no deadline shows, leaving and asking the seeds again. The machine decides everything.
 */
import { uptime } from 'node:os'
import type { ActorId, PeerAddress } from '@patina/base'
import type { NodeEvent } from '@patina/node'
import {
  type DetailsOutcome,
  type Explanation,
  METADATA_BYTES_MAX,
  type MemberMetadata,
  type MemberView,
  markOfDetails,
  metadataBytes,
} from '@patina/swim'
import { MachineWaits } from './machine-waits.ts'
import { MemberCache, memberCachePath } from './member-cache.ts'
import { OwnTags } from './own-tags.ts'
import { watchSuspends } from './suspend-watch.ts'
import { faultOfDetails, GOSSIPED_CHARS_MAX, type Tags, tellTags } from './told-tags.ts'

const MS_PER_SECOND = 1_000
const RECONCILE_MS = 5_000
/** Within which the machine has answered who wants details: its patience, and one attempt that began before its end. */
const DETAILS_MS = 15_000
const UNREACHABLE: DetailsOutcome = { kind: 'unreachable' }

/** The part of the node machine that is asked. */
export interface MembershipMachine {
  members(): MemberView[]
  self(): MemberView
  explain(actor: ActorId): Explanation | undefined
}

export interface MembershipOptions {
  readonly machine: MembershipMachine
  /** What is told of this member at its start, all its tags among them. */
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
  /** As many as requests for them may be under way. */
  readonly #details: MachineWaits<DetailsOutcome>
  #seeds: readonly PeerAddress[] = []
  #stopWatch: () => void = () => {}
  #reconciling: NodeJS.Timeout | undefined

  constructor(options: MembershipOptions) {
    const { metadata, databasePath, warn } = options
    this.#options = options
    this.#details = new MachineWaits<DetailsOutcome>(options.feed, UNREACHABLE)
    this.#cache = new MemberCache(memberCachePath(databasePath), (reason) =>
      warn({ reason }, 'the addresses of members are not kept'),
    )
    this.tags = new OwnTags({
      configured: metadata.tags,
      now: () => performance.now(),
      faultOf: (tags) => faultOfTags(metadata, tags),
      changed: (tags) => this.#tell(tags),
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

  /** What a member tells beyond gossip; asked of the member where it is not known yet. */
  details(of: ActorId): Promise<DetailsOutcome> {
    return this.#details.ask((token) => ({ kind: 'pull-details', actor: of, token }), DETAILS_MS)
  }

  detailsPulled(token: number, outcome: DetailsOutcome): void {
    this.#details.answered(token, outcome)
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
    this.#details.close()
    await this.#cache.save()
  }

  #startReconciling(): void {
    this.#reconciling = setInterval(() => this.#options.reconcile(), RECONCILE_MS)
    this.#reconciling.unref()
  }

  #tell(tags: Tags): void {
    if (this.#hasLeft()) return
    this.#options.feed({ kind: 'set-metadata', ...toldOf({ ...this.#options.metadata, tags }) })
    this.#options.selfChanged(this.#options.machine.self())
  }

  #hasLeft(): boolean {
    return this.#options.machine.self().state === 'left'
  }
}

/** What the machine is to tell of this member. */
export function toldOf({ tags, ...rest }: MemberMetadata): {
  readonly metadata: MemberMetadata
  readonly details?: Uint8Array
} {
  const { gossiped, details } = tellTags(tags)
  const metadata = { ...rest, tags: gossiped }
  return details === undefined ? { metadata } : { metadata, details }
}

/** Why these tags cannot be told; undefined where they can. */
export function faultOfTags(rest: MemberMetadata, tags: Tags): string | undefined {
  const { metadata, details } = toldOf({ ...rest, tags })
  const mark = markOfDetails(details)
  const bytes = metadataBytes(mark === undefined ? metadata : { ...metadata, details: mark })
  if (bytes <= METADATA_BYTES_MAX) return faultOfDetails(details)
  return `name, region, API address and tags of this member take ${bytes} bytes, more than the ${METADATA_BYTES_MAX} that gossip carries; shorten them, or put what few ask for into one tag of more than ${GOSSIPED_CHARS_MAX} characters`
}
