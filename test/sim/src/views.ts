/**
 * Views: what every running node believes of every member, followed from the notifications alone, and when each belief
 * last changed. Beside it stands the truth, so that a belief can be called right or wrong at any moment.
 * Suspect counts as alive where the question is who is there: a suspicion is a question, not a verdict.
 */
import type { ActorId } from '@patina/base'
import type { MemberRecord, Notification } from '@patina/swim'
import type { Fleet } from './fleet.ts'
import type { Host } from './host.ts'

export const BELIEF = { unknown: 0, alive: 1, suspect: 2, down: 3, left: 4 } as const
export type Belief = (typeof BELIEF)[keyof typeof BELIEF]

/** Somebody who is or was a member: one actor. A host has another one after each wipe of its disk. */
export interface Subject {
  readonly index: number
  readonly actor: ActorId
  readonly host: Host
}

/** Other actors at its address that a run may have: empty disks and ends of forks, per node and besides. */
const RENEWALS_PER_NODE_MAX = 2
const RENEWALS_MAX = 64

export class Views {
  readonly subjects: Subject[] = []
  readonly #fleet: Fleet
  readonly #capacity: number
  readonly #byActor = new Map<ActorId, Subject>()
  readonly #beliefs: Uint8Array
  /** World time of the last change between unknown, there, down and left. */
  readonly #changedAt: Float64Array

  constructor(fleet: Fleet) {
    this.#fleet = fleet
    const nodes = fleet.hosts.length
    this.#capacity = nodes * (1 + RENEWALS_PER_NODE_MAX) + RENEWALS_MAX
    this.#beliefs = new Uint8Array(nodes * this.#capacity)
    this.#changedAt = new Float64Array(nodes * this.#capacity)
    for (const host of fleet.hosts) this.#add(host)
    fleet.watch({
      started: (host, known) => this.#started(host, known),
      notified: (host, notification) => this.#follow(host, notification),
    })
  }

  subjectOf(actor: ActorId): Subject | undefined {
    return this.#byActor.get(actor)
  }

  belief(observer: number, subject: number): Belief {
    return this.#beliefs[observer * this.#capacity + subject] as Belief
  }

  changedAt(observer: number, subject: number): number {
    return this.#changedAt[observer * this.#capacity + subject] as number
  }

  /** What a node ought to believe of a subject by now; undefined for itself. */
  truth(observer: Host, subject: Subject): 'there' | 'down' | 'left' | 'absent' | undefined {
    const { host } = subject
    if (observer === host) return host.actor === subject.actor ? undefined : 'down'
    if (host.actor !== subject.actor) return 'down'
    if (host.state === 'absent') return 'absent'
    if (host.state === 'left') return 'left'
    if (host.state === 'killed') return 'down'
    const { cuts } = this.#fleet
    const isApart = cuts.isApart(observer.node, host.node) && cuts.isApart(host.node, observer.node)
    return isApart ? 'down' : 'there'
  }

  /** Nobody has to know a member that was never met or is long gone; who is there has to be known. */
  isRight(observer: Host, subject: Subject): boolean {
    const belief = this.belief(observer.node, subject.index)
    switch (this.truth(observer, subject)) {
      case undefined:
        return true
      case 'there':
        return belief === BELIEF.alive || belief === BELIEF.suspect
      case 'down':
        return belief === BELIEF.down || belief === BELIEF.unknown
      case 'left':
        return belief === BELIEF.left || belief === BELIEF.unknown
      case 'absent':
        return belief === BELIEF.unknown
    }
  }

  /** Pairs of a running node and a subject of which the node's belief is wrong. */
  wrongPairs(): { readonly observer: Host; readonly subject: Subject }[] {
    return this.#fleet
      .running()
      .flatMap((observer) =>
        this.subjects
          .filter((subject) => !this.isRight(observer, subject))
          .map((subject) => ({ observer, subject })),
      )
  }

  wrongCount(): number {
    let wrong = 0
    for (const observer of this.#fleet.running())
      for (const subject of this.subjects) if (!this.isRight(observer, subject)) wrong += 1
    return wrong
  }

  /** How many beliefs of each kind the running nodes hold about each other's hosts. */
  counts(): { readonly [belief in keyof typeof BELIEF]: number } {
    const counts = { unknown: 0, alive: 0, suspect: 0, down: 0, left: 0 }
    const names = Object.keys(BELIEF) as (keyof typeof BELIEF)[]
    for (const { node } of this.#fleet.running())
      for (const { index, host } of this.subjects)
        if (host.node !== node) counts[names[this.belief(node, index)] as keyof typeof BELIEF] += 1
    return counts
  }

  #started(host: Host, known: readonly MemberRecord[]): void {
    if (this.#byActor.get(host.actor) === undefined) this.#add(host)
    const row = host.node * this.#capacity
    this.#beliefs.fill(BELIEF.unknown, row, row + this.#capacity)
    this.#changedAt.fill(this.#fleet.world.now, row, row + this.#capacity)
    for (const { actor, state } of known) {
      const subject = this.#byActor.get(actor)
      if (subject !== undefined) this.#beliefs[row + subject.index] = BELIEF[state]
    }
  }

  #add(host: Host): void {
    if (this.subjects.length >= this.#capacity) throw new Error('more actors than views have room for')
    const subject = { index: this.subjects.length, actor: host.actor, host }
    this.subjects.push(subject)
    this.#byActor.set(host.actor, subject)
  }

  #follow(observer: Host, notification: Notification): void {
    if (!('member' in notification)) return
    const subject = this.#byActor.get(notification.member.actor)
    if (subject === undefined) return
    const place = observer.node * this.#capacity + subject.index
    const before = this.#beliefs[place] as Belief
    const belief = BELIEF[notification.member.state]
    this.#beliefs[place] = belief
    if (isThere(before) !== isThere(belief) || (!isThere(belief) && before !== belief))
      this.#changedAt[place] = this.#fleet.world.now
  }
}

function isThere(belief: Belief): boolean {
  return belief === BELIEF.alive || belief === BELIEF.suspect
}
