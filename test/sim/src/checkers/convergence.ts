/**
 * Convergence: how soon all views are right about the nodes of a step that is measured. For each pair of a running node
 * and such a member: the time from the step to the last change of that belief, where it is right in the end; `wrong`
 * counts the pairs where it is not. After a kill also how soon anybody suspected the victim at all.
 */
import type { Notification } from '@patina/swim'
import { Distribution } from '../distribution.ts'
import type { Fleet } from '../fleet.ts'
import type { Host } from '../host.ts'
import type { Subject, Views } from '../views.ts'

export interface Measurement {
  readonly name: string
  readonly startedAt: number
  readonly subjects: readonly Subject[]
  /** World time of the first suspicion of each subject since then. */
  readonly suspectedAt: Map<Subject, number>
}

export interface Convergence {
  readonly name: string
  readonly settledMs: Distribution
  readonly suspectedMs: Distribution
  readonly wrong: number
  /** For each member: until anybody suspected it, until 99 of 100 views were right; infinite where that never came. */
  readonly members: readonly { readonly suspected: number; readonly told: number }[]
}

const TOLD_PERCENT = 99
const NEVER = Number.POSITIVE_INFINITY

export class ConvergenceChecker {
  readonly #fleet: Fleet
  readonly #views: Views
  #open: Measurement[] = []
  readonly #closed: Convergence[] = []

  constructor(fleet: Fleet, views: Views) {
    this.#fleet = fleet
    this.#views = views
    fleet.watch({ notified: (_, notification) => this.#suspected(notification) })
  }

  /** Begins a measurement; one of the same name that is still open ends here. */
  begin(name: string, hosts: readonly Host[]): void {
    this.end(name)
    const isMeant = new Set(hosts)
    this.#open.push({
      name,
      startedAt: this.#fleet.world.now,
      subjects: this.#views.subjects.filter(({ host }) => isMeant.has(host)),
      suspectedAt: new Map(),
    })
  }

  end(name: string): void {
    const ending = this.#open.filter((one) => one.name === name)
    this.#open = this.#open.filter((one) => one.name !== name)
    for (const one of ending) this.#closed.push(this.#settle(one))
  }

  /** Ends all that is open, and tells all. */
  finish(): readonly Convergence[] {
    for (const { name } of [...this.#open]) this.end(name)
    return this.#closed
  }

  #settle({ name, startedAt, subjects, suspectedAt }: Measurement): Convergence {
    const observers = this.#fleet.running()
    const views = subjects.map((subject) => this.#timesOf(subject, observers, startedAt))
    const all = views.flat()
    const settled = all.filter((ms) => ms !== NEVER)
    const suspected = [...suspectedAt.values()].map((at) => at - startedAt)
    return {
      name,
      settledMs: new Distribution(settled),
      suspectedMs: new Distribution(suspected),
      wrong: all.length - settled.length,
      members: subjects.map((subject, i) => ({
        suspected: (suspectedAt.get(subject) ?? NEVER) - startedAt,
        told: new Distribution(views[i] ?? []).percentile(TOLD_PERCENT),
      })),
    }
  }

  /** For each observer: when its belief of this member changed last, NEVER where it is wrong. */
  #timesOf(subject: Subject, observers: readonly Host[], startedAt: number): number[] {
    return observers
      .filter((observer) => observer !== subject.host)
      .map((observer) =>
        this.#views.isRight(observer, subject)
          ? Math.max(0, this.#views.changedAt(observer.node, subject.index) - startedAt)
          : NEVER,
      )
  }

  #suspected(notification: Notification): void {
    if (notification.kind !== 'member-suspect') return
    const subject = this.#views.subjectOf(notification.member.actor)
    if (subject === undefined) return
    for (const { subjects, suspectedAt } of this.#open)
      if (subjects.includes(subject) && !suspectedAt.has(subject))
        suspectedAt.set(subject, this.#fleet.world.now)
  }
}

/** As figures: `name.p50_ms` … */
export function convergenceFigures({ name, settledMs, suspectedMs, wrong }: Convergence): [string, number][] {
  return [
    [`${name}.p50_ms`, settledMs.percentile(50)],
    [`${name}.p99_ms`, settledMs.percentile(99)],
    [`${name}.max_ms`, settledMs.max()],
    [`${name}.wrong`, wrong],
    [`${name}.suspect_mean_ms`, suspectedMs.mean()],
    [`${name}.suspect_max_ms`, suspectedMs.max()],
  ]
}
