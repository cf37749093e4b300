/**
 * Machine: the parts of Swim, made once and wired to each other. What they do together is swim.ts's; this file only says
 * who needs whom, which is why it has no branches.
 */
import type { Prng } from '@patina/base'
import { Beliefs } from './beliefs.ts'
import type { SwimConfig } from './config.ts'
import { Deadlines } from './deadlines.ts'
import { Dissemination } from './dissemination.ts'
import { Joiner } from './joiner.ts'
import { LocalHealth } from './local-health.ts'
import { Locator } from './locator.ts'
import type { MemberRecord } from './member.ts'
import { Members } from './members.ts'
import { Outbox } from './outbox.ts'
import { Paths } from './paths.ts'
import { Prober } from './probe.ts'
import { Pulls } from './pulls.ts'
import { PushPull } from './push-pull.ts'
import { Reception } from './reception.ts'
import { Relay } from './relay.ts'
import { Seeds } from './seeds.ts'
import { Self } from './self.ts'
import { Spread } from './spread.ts'
import type { Timer } from './timer.ts'
import { Unverified } from './unverified.ts'

export interface Machine {
  readonly members: Members
  readonly unverified: Unverified
  readonly rumors: Dissemination
  readonly deadlines: Deadlines<Timer>
  readonly outbox: Outbox
  readonly health: LocalHealth
  readonly locator: Locator
  readonly paths: Paths
  readonly beliefs: Beliefs
  readonly self: Self
  readonly prober: Prober
  readonly relay: Relay
  readonly spread: Spread
  readonly pushPull: PushPull
  readonly pulls: Pulls
  readonly joiner: Joiner
  readonly reception: Reception
}

export function makeMachine(config: SwimConfig, self: MemberRecord, prng: Prng): Machine {
  const members = new Members(config.membersMax, prng.fork())
  const rumors = new Dissemination(config.membersMax)
  const outbox = new Outbox(config, self, members, rumors)
  const locator = new Locator(prng.fork())
  const base = {
    config,
    members,
    rumors,
    prng,
    unverified: new Unverified(),
    deadlines: new Deadlines<Timer>(),
    outbox,
    health: new LocalHealth(config.healthScoreMax),
    locator,
    paths: new Paths({ config, members, outbox, locator }),
    nextNumber: numbers(prng.u32()),
  }
  const beliefs = new Beliefs(base)
  const prober = new Prober({ ...base, beliefs, prng: prng.fork() })
  const relay = new Relay(base)
  const pushPull = new PushPull({ ...base, beliefs })
  const pulls = new Pulls(base)
  const joiner = new Joiner({ ...base, pushPull, seeds: new Seeds(config, self.address) })
  const own = new Self(base)
  const spread = new Spread(base)
  const parts = { ...base, beliefs, prober, relay, pushPull, pulls, joiner, self: own }
  return { ...parts, spread, reception: new Reception(parts) }
}

/**
 * Numbers of pings: never 0, which marks those whose ack nobody awaits. They begin anywhere, because acks to an earlier
 * process of ours must not meet a probe of this one.
 */
function numbers(first: number): () => number {
  let last = first
  return () => {
    last = last >= 0xffff_ffff ? 1 : last + 1
    return last
  }
}
