/**
 * Even with a peer: what the agent and the peer lacked of each other at the beginning has arrived. What is written meanwhile does not
 * count, or a busy cluster would never be even.
 */
import { type Range, RangeSet } from '@patina/base'
import { ApiError, type Client, type LackedVersions, type SyncComparison } from '@patina/client'

/** As `--json` shows it. */
export interface Evened {
  readonly peer: string
  readonly even: boolean
  /** Versions of the beginning that have not arrived yet: here, and there. */
  readonly lacks: number
  readonly peer_lacks: number
  /** Why it cannot be told. */
  readonly trouble: string | null
}

type Lacked = ReadonlyMap<string, RangeSet>

/** Of the beginning, what has not arrived: here, and at the peer. */
interface Left {
  readonly lacks: Lacked
  readonly peerLacks: Lacked
}

/** Between two comparisons: a peer takes no more than ten a second. */
const EVERY_MS = 500

/** Comparisons that a peer refuses in a row until somebody is told. */
const ATTEMPTS_MAX = 10

export interface Pace {
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

const BY_CLOCK: Pace = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

/** `told`: what is left, whenever it is another number. */
export async function evenWith(
  client: Pick<Client, 'compareWith' | 'reconcile'>,
  peer: string,
  timeoutMs: number,
  told: (lacks: number, peerLacks: number) => void,
  pace: Pace = BY_CLOCK,
): Promise<Evened> {
  const until = pace.now() + timeoutMs
  let left: Left | undefined
  let line = ''
  for (let round = 0; ; round += 1) {
    const compared = await comparison(client, peer)
    if (!(compared instanceof ApiError)) left = stillLeft(left, compared)
    const [here, there] = left === undefined ? [0, 0] : [countOf(left.lacks), countOf(left.peerLacks)]
    const count = { peer, lacks: here, peer_lacks: there }
    if (left !== undefined && here + there === 0) return { ...count, even: true, trouble: null }
    if (left !== undefined && line !== `${here} ${there}`) told(here, there)
    line = `${here} ${there}`
    const trouble = compared instanceof ApiError ? compared.message : null
    if (pace.now() >= until || (compared instanceof ApiError && !mayPass(compared)))
      return { ...count, even: false, trouble }
    await pace.sleep(EVERY_MS)
    if (round === 0) await client.reconcile(peer)
  }
}

/** Asks again while the peer, or the agent, wants to be asked later; then throws what they said. */
export async function compareWhenFree(
  client: Pick<Client, 'compareWith'>,
  peer: string,
  { sleep }: Pick<Pace, 'sleep'> = BY_CLOCK,
): Promise<SyncComparison> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await client.compareWith(peer)
    } catch (cause) {
      if (!(cause instanceof ApiError && cause.retryable) || attempt === ATTEMPTS_MAX) throw cause
      await sleep(EVERY_MS)
    }
}

/** What it lacks, or why it cannot be told. */
async function comparison(
  client: Pick<Client, 'compareWith'>,
  peer: string,
): Promise<SyncComparison | ApiError> {
  try {
    return await client.compareWith(peer)
  } catch (cause) {
    if (cause instanceof ApiError && (mayPass(cause) || cause.code === 'no-session')) return cause
    throw cause
  }
}

/** A member that has just been asked, or that a busy host keeps from answering. */
function mayPass({ retryable, code }: ApiError): boolean {
  return retryable || code === 'peer-silent'
}

function stillLeft(left: Left | undefined, { lacks, peer_lacks: peerLacks }: SyncComparison): Left {
  const now = { lacks: setsOf(lacks), peerLacks: setsOf(peerLacks) }
  if (left === undefined) return now
  return { lacks: common(left.lacks, now.lacks), peerLacks: common(left.peerLacks, now.peerLacks) }
}

function setsOf(lacked: readonly LackedVersions[]): Lacked {
  return new Map(
    lacked.map(({ actor, ranges }) => [
      actor,
      RangeSet.of(ranges.map(([first, last]): Range => ({ first, last }))),
    ]),
  )
}

function common(before: Lacked, now: Lacked): Lacked {
  return new Map(
    [...before].flatMap(([actor, versions]) => {
      const still = versions.intersect(now.get(actor) ?? new RangeSet())
      return still.isEmpty() ? [] : [[actor, still]]
    }),
  )
}

function countOf(lacked: Lacked): number {
  return [...lacked.values()].reduce((sum, versions) => sum + versions.count(), 0)
}
