/**
 * Accuracy: what was said of members that were there. A `down` of a member whose process runs and can be reached is a
 * mistake; it is counted apart where that member had been in trouble (stalled, cut off) in the last minute. A suspicion
 * is no mistake but a cost: one is counted for each incarnation of a member that anybody suspected.
 */
import type { Notification } from '@patina/swim'
import { Distribution } from '../distribution.ts'
import type { Fleet } from '../fleet.ts'
import type { Host } from '../host.ts'
import type { Subject, Views } from '../views.ts'

/** After a stall or a cut has ended, what others say of it may still be under way for this long. */
const TROUBLE_MS = 60_000

export class AccuracyChecker {
  /** Mistaken downs about members without any trouble, and those with some. */
  downsOfHealthy = 0
  downsOfTroubled = 0
  /** All downs that anybody told, right or wrong. */
  downs = 0
  /** Distinct incarnations of healthy members that were suspected. */
  suspectsOfHealthy = 0
  suspectsOfTroubled = 0
  refuted = 0
  /** Somebody was told to be up whose process was gone. */
  upsOfGone = 0
  readonly #fleet: Fleet
  readonly #views: Views
  readonly #suspected = new Set<string>()
  readonly #suspectSince = new Map<string, number>()
  readonly #refutedMs: number[] = []
  /** The first mistakes, for people. */
  readonly mistakes: string[] = []

  constructor(fleet: Fleet, views: Views) {
    this.#fleet = fleet
    this.#views = views
    fleet.watch({ notified: (host, notification) => this.#judge(host, notification) })
  }

  /** `lengthMs`: how long was watched, for what is counted per time; one probe a node and second is taken for granted. */
  figures(lengthMs: number): [string, number][] {
    const refuted = new Distribution(this.#refutedMs)
    const suspects = this.suspectsOfHealthy + this.suspectsOfTroubled
    const nodeSeconds = (this.#fleet.hosts.length * lengthMs) / 1_000
    return [
      ['downs_of_healthy', this.downsOfHealthy],
      ['downs_of_live', this.downsOfHealthy + this.downsOfTroubled],
      ['downs', this.downs],
      ['suspects_of_healthy', this.suspectsOfHealthy],
      ['suspects_of_live', suspects],
      ['suspects_per_probe', suspects / nodeSeconds],
      ['suspects_per_node_minute', (60 * suspects) / nodeSeconds],
      ['ups_of_gone', this.upsOfGone],
      ['refuted', this.refuted],
      ['refuted.p99_ms', refuted.percentile(99)],
    ]
  }

  #judge(observer: Host, notification: Notification): void {
    if (!('member' in notification)) return
    const subject = this.#views.subjectOf(notification.member.actor)
    if (subject === undefined) return
    const pair = `${observer.node} ${subject.index}`
    if (notification.kind === 'member-suspect') this.#suspect(observer, subject, notification.member, pair)
    if (notification.kind === 'member-refuted') this.#refute(pair)
    if (notification.kind === 'member-down') this.#down(observer, subject, notification.member.generation)
    if (notification.kind === 'member-up' && subject.host.state !== 'running') this.upsOfGone += 1
    if (notification.kind !== 'member-suspect') this.#suspectSince.delete(pair)
  }

  #suspect(
    observer: Host,
    subject: Subject,
    { generation, incarnation }: { readonly generation: number; readonly incarnation: number },
    pair: string,
  ): void {
    if (!this.#isThere(observer, subject, generation)) return
    this.#suspectSince.set(pair, this.#fleet.world.now)
    const said = `${subject.index} ${generation} ${incarnation}`
    if (this.#suspected.has(said)) return
    this.#suspected.add(said)
    if (this.#isTroubled(subject.host)) this.suspectsOfTroubled += 1
    else this.suspectsOfHealthy += 1
  }

  #refute(pair: string): void {
    const since = this.#suspectSince.get(pair)
    if (since === undefined) return
    this.refuted += 1
    this.#refutedMs.push(this.#fleet.world.now - since)
  }

  #down(observer: Host, subject: Subject, generation: number): void {
    this.downs += 1
    if (!this.#isThere(observer, subject, generation)) return
    if (this.#isTroubled(subject.host)) this.downsOfTroubled += 1
    else this.downsOfHealthy += 1
    if (this.mistakes.length < MISTAKES_SHOWN)
      this.mistakes.push(
        `${Math.round(this.#fleet.world.now)} ms: n${observer.node} calls n${subject.host.node} down` +
          (this.#isTroubled(subject.host) ? ', which was in trouble' : ''),
      )
  }

  /** What is said of an earlier process of a host is said of somebody who is gone. */
  #isThere(observer: Host, subject: Subject, generation: number): boolean {
    return this.#views.truth(observer, subject) === 'there' && generation === subject.host.generation
  }

  #isTroubled({ troubledAt }: Host): boolean {
    return this.#fleet.world.now - troubledAt < TROUBLE_MS
  }
}

const MISTAKES_SHOWN = 5
