/**
 * Rules: what the contract of the machine promises always, checked at every notification and packet: no two ups and no
 * two downs of a member in a row, records that never fall, packets within their limit. The first breach is kept as text.
 */
import type { MemberState, MemberView, Notification } from '@patina/swim'
import { defaultConfig } from '@patina/swim'
import type { Fleet } from '../fleet.ts'
import type { Host } from '../host.ts'

const RANK: { readonly [state in MemberState]: number } = { alive: 0, suspect: 1, down: 2, left: 3 }
const BREACHES_SHOWN = 5

export class RuleChecker {
  breaches = 0
  clashes = 0
  malformed = 0
  readonly shown: string[] = []
  readonly #fleet: Fleet
  /** By observer: what it told last of each member. */
  readonly #last = new Map<Host, Map<string, MemberView>>()

  constructor(fleet: Fleet) {
    this.#fleet = fleet
    fleet.watch({
      started: (host) => this.#last.set(host, new Map()),
      notified: (host, notification) => this.#check(host, notification),
      counted: (_, metric, by) => {
        if (metric === 'swim_malformed') this.malformed += by
      },
      sent: (host, bytes) => {
        if (bytes > defaultConfig.datagramBytesMax) this.#breach(host, `sends a datagram of ${bytes} bytes`)
      },
    })
  }

  figures(): [string, number][] {
    return [
      ['rule_breaches', this.breaches],
      ['identity_clashes', this.clashes],
      ['malformed', this.malformed],
    ]
  }

  #check(observer: Host, notification: Notification): void {
    if (notification.kind === 'identity-clash') this.clashes += 1
    if (!('member' in notification)) return
    const { member } = notification
    const told = this.#last.get(observer) ?? new Map<string, MemberView>()
    this.#last.set(observer, told)
    const before = told.get(member.actor)
    told.set(member.actor, member)
    if (notification.kind === 'member-up' && before !== undefined && isThere(before))
      this.#breach(observer, `two ups of ${member.actor}`)
    if (notification.kind === 'member-down' && before?.state === 'down')
      this.#breach(observer, `two downs of ${member.actor}`)
    if (before !== undefined && isBelow(member, before))
      this.#breach(observer, `the record of ${member.actor} fell`)
  }

  #breach(host: Host, what: string): void {
    this.breaches += 1
    if (this.shown.length < BREACHES_SHOWN)
      this.shown.push(`${Math.round(this.#fleet.world.now)} ms: n${host.node}: ${what}`)
  }
}

function isThere({ state }: MemberView): boolean {
  return state === 'alive' || state === 'suspect'
}

function isBelow(a: MemberView, b: MemberView): boolean {
  const order = a.generation - b.generation || a.incarnation - b.incarnation || RANK[a.state] - RANK[b.state]
  return order < 0
}
