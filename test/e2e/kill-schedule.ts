/**
 * KillSchedule: who is killed when, by a seed: at random, but never more at a time than may be down, and nobody who is
 * down already. An agent that has just been started may be killed again before it is healthy. Pure; KillTrial performs it.
 */
import { Prng } from '@patina/base'

export interface Kill {
  readonly atMs: number
  readonly name: string
  /** `main`: its children have to find out by themselves; `group`: all at once, as when a host ends. */
  readonly whom: 'main' | 'group'
  /** Until it is started again. */
  readonly downMs: number
}

export interface ScheduleOptions {
  readonly seed: number
  readonly victims: readonly string[]
  /** All kills and starts lie within. */
  readonly forMs: number
  /** Between two kills, on average. */
  readonly everyMs: number
  readonly downMax: number
}

/** A kill is followed by a start after 0.1 to 6 s. */
const DOWN_MS = { least: 100, most: 6_000 } as const

/** In the order of `atMs`. */
export function killSchedule({ seed, victims, forMs, everyMs, downMax }: ScheduleOptions): Kill[] {
  const prng = new Prng(seed)
  const kills: Kill[] = []
  for (let atMs = everyMs; ; atMs += 1 + prng.below(2 * everyMs)) {
    const downMs = DOWN_MS.least + prng.below(DOWN_MS.most - DOWN_MS.least)
    if (atMs + DOWN_MS.most > forMs) return kills
    const down = new Set(kills.filter((kill) => kill.atMs + kill.downMs >= atMs).map(({ name }) => name))
    const up = victims.filter((name) => !down.has(name))
    if (up.length === 0 || down.size >= downMax) continue
    kills.push({ atMs, name: prng.pick(up), whom: prng.pick(['main', 'group']), downMs })
  }
}
