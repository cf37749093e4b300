/**
 * SwimConfig: every knob of the machine with unit, default, bounds and source, and the check of a whole configuration.
 * One profile serves loopback and WAN, because timeouts follow measured round trips.
 * Sources: SWIM (Das, Gupta, Motivala 2002), Lifeguard (Dadgar, Phillips, Currey 2017), figures of memberlist.
 */

export interface SwimConfig {
  readonly probePeriodMs: number
  readonly probesPerPeriodMax: number
  readonly probeTimeoutMs: number
  readonly probeTimeoutMsMin: number
  readonly helpers: number
  readonly suspicionPeriods: number
  readonly suspicionMaxFactor: number
  readonly confirmationsMax: number
  readonly healthScoreMax: number
  readonly gossipPeriodMs: number
  readonly gossipFanout: number
  readonly gossipToDownMs: number
  readonly retransmitFactor: number
  readonly datagramBytesMax: number
  readonly healPeriodMs: number
  readonly tombstoneMs: number
  readonly pushPullPeriodMs: number
  readonly rejoinMsMin: number
  readonly rejoinMsMax: number
  readonly pauseMs: number
  readonly membersMax: number
  readonly seedsMax: number
  readonly relaysMax: number
  readonly feedPacketsMax: number
  readonly leaveFanout: number
  readonly leaveRepeats: number
}

export interface Knob {
  readonly unit: 'ms' | 'bytes' | 'count' | 'factor'
  readonly default: number
  readonly min: number
  readonly max: number
  readonly source: string
}

export const knobs: { readonly [name in keyof SwimConfig]: Knob } = {
  probePeriodMs: knob('ms', 1_000, 50, 60_000, 'SWIM §3.1: T′; memberlist LAN'),
  probesPerPeriodMax: knob('count', 3, 1, 8, 'SWIM §3.1 has 1; more only where a cluster is small'),
  probeTimeoutMs: knob(
    'ms',
    500,
    10,
    30_000,
    'wait for a direct ack of a peer without measured round trip; longest wait',
  ),
  probeTimeoutMsMin: knob(
    'ms',
    100,
    1,
    30_000,
    'shortest wait for a direct ack; a collection pause is not a failure',
  ),
  helpers: knob('count', 3, 0, 16, 'SWIM §3.1: k'),
  suspicionPeriods: knob('factor', 2, 1, 20, 'Lifeguard α; Min = α · max(1, log10 n) · period'),
  suspicionMaxFactor: knob('factor', 8, 1, 20, 'Lifeguard β; Max = β · Min'),
  confirmationsMax: knob('count', 3, 0, 7, 'Lifeguard K'),
  healthScoreMax: knob('count', 7, 0, 7, 'Lifeguard S − 1; period and timeout are multiplied by up to S = 8'),
  gossipPeriodMs: knob('ms', 200, 10, 10_000, 'memberlist LAN'),
  gossipFanout: knob('count', 3, 1, 16, 'memberlist LAN'),
  gossipToDownMs: knob('ms', 30_000, 0, 3_600_000, 'memberlist GossipToTheDeadTime: lets them refute'),
  retransmitFactor: knob('factor', 4, 1, 16, 'SWIM §4.1: λ · log n; memberlist'),
  datagramBytesMax: knob(
    'bytes',
    1_200,
    700,
    1_200,
    'as the transport: 1,300 over IPv6 with prelude and tag (52), UDP and IP headers (48)',
  ),
  healPeriodMs: knob('ms', 15_000, 50, 3_600_000, 'serf reconnects every 30 s; halved'),
  tombstoneMs: knob('ms', 86_400_000, 1_000, 604_800_000, 'foca, serf: 24 h'),
  pushPullPeriodMs: knob('ms', 30_000, 50, 3_600_000, 'memberlist; times log2(n) − 4 above 32 members'),
  rejoinMsMin: knob('ms', 1_000, 10, 3_600_000, 'first pause between two attempts to reach the seeds'),
  rejoinMsMax: knob('ms', 30_000, 10, 3_600_000, 'longest pause between two attempts'),
  pauseMs: knob('ms', 250, 10, 60_000, 'a deadline seen later than this means that this process stood still'),
  membersMax: knob('count', 16_384, 1, 1_000_000, 'three times the largest known fleet, tombstones included'),
  seedsMax: knob('count', 64, 1, 1_024, 'more do not make a join safer'),
  relaysMax: knob('count', 256, 1, 65_536, 'ping-reqs served at one time, as none may be made to flood'),
  feedPacketsMax: knob('count', 4, 1, 64, 'some 40 members; the others are learned from their own pings'),
  leaveFanout: knob('count', 64, 1, 1_024, 'told of a leave directly; the others by gossip'),
  leaveRepeats: knob('count', 2, 0, 10, 'sendings of a leave after the first, as datagrams get lost'),
}

export const defaultConfig: SwimConfig = Object.fromEntries(
  Object.entries(knobs).map(([name, { default: value }]) => [name, value]),
) as unknown as SwimConfig

/** What is wrong with the configuration, as a sentence that says what to change; undefined when nothing is. */
export function findConfigFault(config: SwimConfig): string | undefined {
  for (const [name, { min, max, unit }] of Object.entries(knobs)) {
    const value = config[name as keyof SwimConfig]
    if (!Number.isInteger(value) || value < min || value > max)
      return `${name} must be a whole number from ${min} to ${max} (${unit}), not ${value}.`
  }
  if (config.probeTimeoutMs * 2 > config.probePeriodMs)
    return `probeTimeoutMs (${config.probeTimeoutMs}) must be at most half of probePeriodMs (${config.probePeriodMs}), so that an indirect probe fits into the period.`
  if (config.probeTimeoutMsMin > config.probeTimeoutMs)
    return `probeTimeoutMsMin (${config.probeTimeoutMsMin}) must not exceed probeTimeoutMs (${config.probeTimeoutMs}).`
  if (config.rejoinMsMin > config.rejoinMsMax)
    return `rejoinMsMin (${config.rejoinMsMin}) must not exceed rejoinMsMax (${config.rejoinMsMax}).`
  return undefined
}

function knob(unit: Knob['unit'], value: number, min: number, max: number, source: string): Knob {
  return { unit, default: value, min, max, source }
}
