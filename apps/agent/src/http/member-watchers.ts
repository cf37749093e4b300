/**
 * GET /v1/members?watch: NDJSON without an end. The first line is the plain answer (`{"members": […]}`), each further line
 * `{"member": {…}}` is one that is new or differs. A reader who is slow is told the last state of each member that changed,
 * not each state on the way, so what waits for it is bounded by the number of members.
 */
import type { ActorId } from '@patina/base'
import type { MemberView } from '@patina/swim'
import { type MemberJson, memberJson, membersJson } from './members.ts'

/** Open watches; each costs the memory of its members that changed. */
export const WATCHERS_MAX = 256

export interface Members {
  readonly self: MemberView
  readonly others: readonly MemberView[]
}

export class MemberWatchers {
  readonly #watchers = new Set<Watcher>()
  /** What every watcher has been told, or will be. */
  readonly #told = new Map<ActorId, string>()
  #closed = false

  /** The lines for one more reader, or undefined where there are `WATCHERS_MAX`. */
  open(members: Members): AsyncIterableIterator<Uint8Array> | undefined {
    if (this.#watchers.size >= WATCHERS_MAX) return undefined
    for (const member of [members.self, ...members.others])
      if (!this.#told.has(member.actor)) this.#told.set(member.actor, essenceOf(member))
    const watcher = new Watcher(members, () => this.#watchers.delete(watcher))
    if (this.#closed) watcher.end()
    else this.#watchers.add(watcher)
    return watcher
  }

  changed(member: MemberView, who: 'self' | 'other' = 'other'): void {
    this.#told.set(member.actor, essenceOf(member))
    for (const watcher of this.#watchers) watcher.changed(member, who)
  }

  /** Tells what differs from what was told last, whatever was missed. A round trip that moves is no difference. */
  reconcile({ self, others }: Members): void {
    for (const member of [self, ...others])
      if (this.#told.get(member.actor) !== essenceOf(member))
        this.changed(member, member === self ? 'self' : 'other')
    const known = new Set([self.actor, ...others.map(({ actor }) => actor)])
    for (const actor of this.#told.keys()) if (!known.has(actor)) this.#told.delete(actor)
  }

  /** Ends every stream; those that open later end after their first line. */
  close(): void {
    this.#closed = true
    for (const watcher of this.#watchers) watcher.end()
  }
}

type Step = IteratorResult<Uint8Array, undefined>

class Watcher implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #gone: () => void
  #first: Members | undefined
  /** Changed since the reader has taken its last line. */
  readonly #changed = new Map<ActorId, MemberJson>()
  #waiter: ((step: Step) => void) | undefined
  #ended = false

  constructor(members: Members, gone: () => void) {
    this.#first = members
    this.#gone = gone
  }

  changed(member: MemberView, who: 'self' | 'other'): void {
    this.#changed.set(member.actor, memberJson(member, who === 'self'))
    this.#answerWaiter()
  }

  /** What is there already is still told. */
  end(): void {
    this.#ended = true
    this.#answerWaiter()
    this.#gone()
  }

  next(): Promise<Step> {
    const step = this.#step()
    if (step !== undefined) return Promise.resolve(step)
    return new Promise((resolve) => {
      this.#waiter = resolve
    })
  }

  return(): Promise<Step> {
    this.#first = undefined
    this.#changed.clear()
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #answerWaiter(): void {
    const step = this.#waiter === undefined ? undefined : this.#step()
    if (step === undefined) return
    this.#waiter?.(step)
    this.#waiter = undefined
  }

  #step(): Step | undefined {
    if (this.#first !== undefined) {
      const { self, others } = this.#first
      this.#first = undefined
      return { done: false, value: lineOf({ members: membersJson(self, others) }) }
    }
    if (this.#changed.size > 0) {
      const lines = [...this.#changed.values()].map((member) => lineOf({ member }))
      this.#changed.clear()
      return { done: false, value: Buffer.concat(lines) }
    }
    return this.#ended ? { done: true, value: undefined } : undefined
  }
}

function lineOf(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}

/** All but the round trip, which moves all the time. */
function essenceOf({ rttMs, ...member }: MemberView): string {
  return JSON.stringify(member)
}
