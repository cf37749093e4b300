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

/** Between two comparisons: a peer takes no more than ten a second. */
const EVERY_MS = 500

/** Comparisons that a peer refuses in a row until somebody is told. */
const ATTEMPTS_MAX = 10

type Sleep = (ms: number) => Promise<void>

const pause: Sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** `told`: what is left, whenever it is another number. Sleeps by `sleep`. */
export async function evenWith(
  client: Pick<Client, 'compareWith' | 'reconcile'>,
  peer: string,
  timeoutMs: number,
  told: (lacks: number, peerLacks: number) => void,
  sleep: Sleep = pause,
): Promise<Evened> {
  let left: { readonly lacks: Lacked; readonly peerLacks: Lacked } | undefined
  let line = ''
  for (let waitedMs = 0; ; waitedMs += EVERY_MS) {
    const compared = await comparison(client, peer)
    if (typeof compared === 'string') return { peer, even: false, lacks: 0, peer_lacks: 0, trouble: compared }
    if (compared !== undefined) {
      const [lacks, peerLacks] = [setsOf(compared.lacks), setsOf(compared.peer_lacks)]
      left =
        left === undefined
          ? { lacks, peerLacks }
          : { lacks: common(left.lacks, lacks), peerLacks: common(left.peerLacks, peerLacks) }
      const [here, there] = [countOf(left.lacks), countOf(left.peerLacks)]
      if (here + there === 0) return { peer, even: true, lacks: 0, peer_lacks: 0, trouble: null }
      if (line !== `${here} ${there}`) told(here, there)
      line = `${here} ${there}`
      if (waitedMs >= timeoutMs) return { peer, even: false, lacks: here, peer_lacks: there, trouble: null }
    } else if (waitedMs >= timeoutMs)
      return { peer, even: false, lacks: 0, peer_lacks: 0, trouble: 'it is too busy to compare itself' }
    await sleep(EVERY_MS)
    if (waitedMs === 0) await client.reconcile(peer)
  }
}

/** Asks again while the peer, or the agent, wants to be asked later; then throws what they said. */
export async function compareWhenFree(
  client: Pick<Client, 'compareWith'>,
  peer: string,
  sleep: Sleep = pause,
): Promise<SyncComparison> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await client.compareWith(peer)
    } catch (cause) {
      if (!(cause instanceof ApiError && cause.retryable) || attempt === ATTEMPTS_MAX) throw cause
      await sleep(EVERY_MS)
    }
}

/** undefined: later. A text: never. */
async function comparison(
  client: Pick<Client, 'compareWith'>,
  peer: string,
): Promise<SyncComparison | string | undefined> {
  try {
    return await client.compareWith(peer)
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause
    if (cause.retryable) return undefined
    if (cause.code === 'no-session' || cause.code === 'peer-silent') return cause.message
    throw cause
  }
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
