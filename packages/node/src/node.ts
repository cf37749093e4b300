/**
 * Node: swim and sync composed into one deterministic machine, handle(event, now) → effects. It routes events inwards
 * and effects outwards; all rules are theirs, and those about streams are sessions.ts's. The same code runs under the
 * agent's driver with real sockets and in the simulator.
 */
import {
  type ActorId,
  type ActorKnowledge,
  after,
  earliest,
  type Instant,
  type Millis,
  millis,
  NEVER,
  type Prng,
  type RememberedForks,
  type SchemaHashes,
  unreachable,
} from '@patina/base'
import {
  defaultConfig,
  type Explanation,
  type MemberView,
  Swim,
  type SwimConfig,
  type SwimEffect,
  type SwimHealth,
  type SwimSelf,
} from '@patina/swim'
import {
  type ActorLag,
  type ComparedPeer,
  DEFAULT_SYNC_CONFIG,
  type MissingVersions,
  type MuteRule,
  Sync,
  type SyncConfig,
  type SyncEffect,
} from '@patina/sync'
import { DEFAULT_SESSION_CONFIG, type SessionConfig } from './config.ts'
import type { NodeEffect } from './effect.ts'
import type { NodeEvent } from './event.ts'
import { lagOf, liveActors, oldestView, type ViewAge } from './lag.ts'
import { Parcels } from './parcels.ts'
import { SchemaSkew, type SchemaSkewView, type SpokenWord } from './schema-skew.ts'
import { addressed, SERVICE, unaddressed } from './service.ts'
import { Sessions } from './sessions.ts'
import type { NodeStatus } from './status.ts'

export interface NodeOptions {
  readonly self: SwimSelf
  /** What the store holds at start. */
  readonly knowledge: readonly ActorKnowledge[]
  /** Actors that the store has given up. Default none. */
  readonly abandoned?: readonly ActorId[]
  /** What the store remembers of forks. Default nothing. */
  readonly forks?: RememberedForks
  /** Rules of muting that the host has kept. Default none. */
  readonly mutes?: readonly MuteRule[]
  /** Of the store's tables; where it is left out, peers hear nothing of them. */
  readonly schema?: SchemaHashes
  /** Of all chance; the same generator and events give the same effects. */
  readonly prng: Prng
  /** Where left out: the defaults. */
  readonly swim?: SwimConfig
  readonly sync?: SyncConfig
  readonly sessions?: SessionConfig
}

const RECONCILE_MS = millis(10_000)

type SendStream = Extract<SwimEffect, { kind: 'send-stream' }>

export class Node {
  readonly #self: ActorId
  readonly #swim: Swim
  readonly #sync: Sync
  readonly #sessions: Sessions
  readonly #parcels = new Parcels()
  readonly #skew: SchemaSkew | undefined
  /** Undefined before the first event; NEVER once this node leaves. */
  #reconcileAt: Instant | undefined
  /** As sync was last told. */
  #areAllReached = true

  constructor(options: NodeOptions) {
    const { self, knowledge, abandoned = [], forks, mutes = [], schema, prng, swim, sync, sessions } = options
    const { actor } = self
    this.#self = actor
    this.#swim = new Swim(swim ?? defaultConfig, self, prng.fork())
    this.#sync = new Sync({
      self: actor,
      knowledge,
      abandoned,
      mutes,
      ...(forks === undefined ? {} : { forks }),
      config: sync ?? DEFAULT_SYNC_CONFIG,
      prng: prng.fork(),
    })
    this.#skew = schema === undefined ? undefined : new SchemaSkew(schema)
    this.#sessions = new Sessions(actor, sessions ?? DEFAULT_SESSION_CONFIG, prng.fork())
  }

  handle(event: NodeEvent, now: Instant): NodeEffect[] {
    const effects = this.#dispatch(event, now)
    if (this.#reconcileAt === undefined) this.#reconcileAt = after(now, RECONCILE_MS)
    if (this.#reconcileAt <= now) effects.push(...this.#reconcile(now))
    effects.push(...this.#sessions.pump(now), ...this.#tellReach(now))
    return effects
  }

  /** When `deadline-reached` is wanted at the latest. */
  nextDeadline(): Instant {
    const own = earliest(this.#reconcileAt ?? NEVER, this.#sessions.nextDeadline())
    return earliest(own, earliest(this.#swim.nextDeadline(), this.#sync.nextDeadline()))
  }

  /** Everybody else that is known of. */
  members(): MemberView[] {
    return this.#swim.members()
  }

  self(): MemberView {
    return this.#swim.self()
  }

  /** Why a member is believed to be what it is; undefined where nothing is known of it. */
  explain(actor: ActorId): Explanation | undefined {
    return this.#swim.explain(actor)
  }

  /** How membership itself does. */
  membershipHealth(): SwimHealth {
    return this.#swim.health()
  }

  /** What is held, as far as the store has said so. */
  knowledge(): ActorKnowledge[] {
    return this.#sync.knowledge()
  }

  /** Who has a session, and whether it has something that is not here. */
  comparedPeers(now: Instant): ComparedPeer[] {
    return this.#sync.comparedPeers(now)
  }

  /** What a host keeps of muting; changes with each `mute-changed`. */
  muteRules(): MuteRule[] {
    return this.#sync.muteRules()
  }

  /** What connected peers say of their tables; undefined where nothing is said of ours. */
  schemaSkew(): SchemaSkewView | undefined {
    return this.#skew?.view()
  }

  /** What is missing, and what is given up, of each actor of whom something is. */
  missingVersions(): MissingVersions[] {
    return this.#sync.missingVersions()
  }

  /** What each actor has written and this node lacks, and how old its view of each live member is. */
  lag(now: Instant): ActorLag[] {
    return lagOf(this.#sync.lag(now), this.#self, liveActors(this.#swim.members()))
  }

  /** Of the views of live members; undefined where there is nobody else. */
  oldestView(now: Instant): ViewAge | undefined {
    const live = liveActors(this.#swim.members())
    return oldestView(live.map((actor) => ({ actor, ageMs: this.#sync.ageMs(actor, now) })))
  }

  /** Members tell of themselves no more often, so an age below twice this says nothing. */
  pulsePeriodMs(): Millis {
    return this.#sync.pulsePeriodMs()
  }

  status(): NodeStatus {
    const counts = { alive: 0, suspect: 0, down: 0, left: 0 }
    for (const { state } of this.#swim.members()) counts[state] += 1
    return {
      actor: this.#self,
      ...counts,
      sessionsOpen: this.#sessions.openCount(),
      sessionsMissing: this.#sessions.missingCount(),
      sync: this.#sync.status(),
    }
  }

  #dispatch(event: NodeEvent, now: Instant): NodeEffect[] {
    switch (event.kind) {
      case 'datagram-received':
      case 'join':
      case 'set-metadata':
      case 'pull-details':
        return this.#fromSwim(this.#swim.handle(event, now), now)
      case 'paused':
        return [
          ...this.#fromSwim(this.#swim.handle(event, now), now),
          ...this.#fromSync(this.#sync.handle(event, now)),
        ]
      case 'leave':
        this.#sessions.close()
        this.#reconcileAt = NEVER
        return this.#fromSwim(this.#swim.handle(event, now), now)
      case 'session-opened':
        this.#sessions.opened(event.actor, now)
        return [
          ...this.#parcels.opened(event.actor, event.address, now).map((bytes) => toSwim(event.actor, bytes)),
          ...this.#say(this.#skew?.opened(event.actor)),
          ...this.#fromSync(this.#sync.handle({ kind: 'session-opened', peer: event.actor }, now)),
        ]
      case 'session-closed':
        this.#sessions.closed(event.actor, now)
        this.#skew?.closed(event.actor)
        return [
          ...this.#fromSync(this.#sync.handle({ kind: 'session-closed', peer: event.actor }, now)),
          ...this.#fromSwim(this.#swim.handle(event, now), now),
        ]
      case 'connection-refused':
        this.#sessions.refused(event.address, now)
        return []
      case 'message-received':
        return this.#receive(event.from, event.bytes, now)
      case 'committed':
      case 'applied':
      case 'apply-failed':
      case 'served':
      case 'serve-failed':
      case 'mute':
      case 'budgets-changed':
      case 'await-copies':
      case 'compare':
      case 'reconcile':
      case 'made-durable':
      case 'make-durable-failed':
      case 'own-checked':
      case 'abandoned':
      case 'rewritten':
      case 'cleared-listed':
      case 'applied-again':
      case 'apply-again-failed':
      case 'given-up':
      case 'give-up-failed':
        return this.#fromSync(this.#sync.handle(event, now))
      case 'schema-changed':
        return this.#say(this.#skew?.changed(event.schema))
      case 'deadline-reached':
        return this.#runDue(now)
      default:
        return unreachable(event)
    }
  }

  /** Sessions follow notifications; a path of events has a look at the whole now and then. */
  #reconcile(now: Instant): NodeEffect[] {
    this.#reconcileAt = after(now, RECONCILE_MS)
    const ended = this.#sessions.reconcile(this.#swim.members(), now)
    const living = liveActors(this.#swim.members())
    return [
      ...ended.flatMap((actor) => this.#endSession(actor, now)),
      ...this.#say(this.#skew?.again()),
      ...this.#fromSync(this.#sync.handle({ kind: 'members-seen', living }, now)),
    ]
  }

  /** Only until this node has caught up: nobody asks afterwards. */
  #tellReach(now: Instant): NodeEffect[] {
    if (this.#sync.hasCaughtUp()) return []
    const all = this.#sessions.missingCount() === 0 && this.#swim.knowsAll()
    if (all === this.#areAllReached) return []
    this.#areAllReached = all
    return this.#fromSync(this.#sync.handle({ kind: 'members-reached', all }, now))
  }

  #runDue(now: Instant): NodeEffect[] {
    const event = { kind: 'deadline-reached' } as const
    const effects: NodeEffect[] = []
    if (this.#swim.nextDeadline() <= now) effects.push(...this.#fromSwim(this.#swim.handle(event, now), now))
    if (this.#sync.nextDeadline() <= now) effects.push(...this.#fromSync(this.#sync.handle(event, now)))
    return effects
  }

  /** What is for nobody counts as junk of sync, the greater part of what comes by streams. */
  #receive(from: ActorId, bytes: Uint8Array, now: Instant): NodeEffect[] {
    const received = unaddressed(bytes)
    if (received?.service === SERVICE.swim)
      return this.#fromSwim(
        this.#swim.handle({ kind: 'stream-received', from, bytes: received.message }, now),
        now,
      )
    if (received?.service === SERVICE.schema && this.#skew?.received(from, received.message)) return []
    if (received?.service !== SERVICE.sync) return [{ kind: 'count', metric: 'sync_malformed', by: 1 }]
    return this.#fromSync(this.#sync.handle({ kind: 'message-received', from, bytes: received.message }, now))
  }

  #say(word: SpokenWord | undefined): NodeEffect[] {
    if (word === undefined) return []
    const bytes = addressed(SERVICE.schema, word.bytes)
    return word.to.map((to) => ({ kind: 'send-message', to, lane: 'control', bytes }))
  }

  #fromSwim(effects: readonly SwimEffect[], now: Instant): NodeEffect[] {
    return effects.flatMap((effect): NodeEffect[] => {
      if (effect.kind === 'send-stream') return this.#sendStream(effect, now)
      if (effect.kind !== 'notify') return [effect]
      if (effect.notification.kind === 'identity-clash')
        return [effect, ...this.#fromSync(this.#sync.handle({ kind: 'twin-seen' }, now))]
      const ended = this.#sessions.memberChanged(effect.notification, now)
      return ended === undefined ? [effect] : [effect, ...this.#endSession(ended, now)]
    })
  }

  /** By the session that stands, else by one that is dialled for it; sync may use that, too. */
  #sendStream({ to, actor, bytes }: SendStream, now: Instant): NodeEffect[] {
    if (actor !== undefined && this.#sessions.isOpen(actor)) return [toSwim(actor, bytes)]
    const put = this.#parcels.put(to, actor, bytes, now)
    if (put === 'dropped') return [{ kind: 'count', metric: 'swim_stream_dropped', by: 1 }]
    const isExpected = actor !== undefined && this.#sessions.isExpected(actor)
    return put === 'first' && !isExpected ? [{ kind: 'connect', address: to }] : []
  }

  /** Sync stops at once; the driver's `session-closed` follows when what was queued is gone. */
  #endSession(actor: ActorId, now: Instant): NodeEffect[] {
    const effects = this.#fromSync(this.#sync.handle({ kind: 'session-closed', peer: actor }, now))
    return [{ kind: 'disconnect', actor }, ...effects]
  }

  #fromSync(effects: readonly SyncEffect[]): NodeEffect[] {
    return effects.flatMap((effect): NodeEffect[] => {
      if (effect.kind !== 'send-message') return [effect]
      const { to: peers, ...message } = effect
      const bytes = addressed(SERVICE.sync, message.bytes)
      return peers.map((to) => ({ ...message, to, bytes }))
    })
  }
}

/** Swim's messages are short and urgent. */
function toSwim(to: ActorId, bytes: Uint8Array): NodeEffect {
  return { kind: 'send-message', to, lane: 'control', bytes: addressed(SERVICE.swim, bytes) }
}
