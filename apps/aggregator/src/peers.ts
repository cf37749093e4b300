/**
 * Peers: questions to the aggregators of another region, over their HTTP API. Which there are is told by the global membership.
 * They are asked one after the other until one answers; each answer has a deadline, a bound, and is checked.
 */
import type { Aggregator } from './aggregator-tag.ts'

export type Instance = Readonly<Record<string, unknown>>

/** No aggregator of the region answers, or what it says is no answer. */
export class PeerFailure extends Error {}

export interface PeersOptions {
  readonly aggregators: () => readonly Aggregator[]
  /** Asked before each request. */
  readonly token: () => string | undefined
  readonly fetch: typeof globalThis.fetch
  /** Default HEAD_MS. */
  readonly headMs?: number
}

/** Of all peers of a region together. */
const ANSWER_MS = 10_000
/** Until one of them begins to answer; then the next one is asked. */
const HEAD_MS = 4_000
/** A stream sends an empty line each five seconds. */
export const SILENCE_MS = 15_000
const LINE_CHARS_MAX = 16 * 1024 * 1024

export class Peers {
  readonly #options: PeersOptions

  constructor(options: PeersOptions) {
    this.#options = options
  }

  /** How far it is from that region to others, as it sees them. Throws PeerFailure. */
  async distances(region: string): Promise<ReadonlyMap<string, number>> {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const answer = await this.#ask(region, '/v1/distances', signal)
    const { distances } = (await jsonOf(answer)) as { readonly distances?: unknown }
    const entries = Object.entries(distances ?? {}).filter(([, ms]) => typeof ms === 'number')
    return new Map(entries as [string, number][])
  }

  /** Each list of an app's instances there, the first at once. Throws PeerFailure when it breaks. */
  async *instances(region: string, app: string, signal: AbortSignal): AsyncGenerator<readonly Instance[]> {
    const silent = new AbortController()
    const timer = setTimeout(() => silent.abort(), SILENCE_MS)
    const path = `/v1/route/${encodeURIComponent(app)}/instances?region=${encodeURIComponent(region)}&watch=true`
    try {
      const answer = await this.#ask(region, path, AbortSignal.any([signal, silent.signal]))
      for await (const line of linesOf(answer)) {
        timer.refresh()
        if (line !== '') yield readInstances(line)
      }
    } catch (cause) {
      if (cause instanceof PeerFailure || signal.aborted) throw cause
      throw new PeerFailure(`the stream from ${region} broke: ${(cause as Error).message}`, { cause })
    } finally {
      clearTimeout(timer)
      silent.abort()
    }
    throw new PeerFailure(`the stream from ${region} ended`)
  }

  async #ask(region: string, path: string, signal: AbortSignal): Promise<Response> {
    const { aggregators, fetch } = this.#options
    const token = this.#options.token()
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const reasons: string[] = []
    for (const { address } of aggregators().filter((one) => one.region === region)) {
      const late = new AbortController()
      const timer = setTimeout(
        () => late.abort(new Error('no answer in time')),
        this.#options.headMs ?? HEAD_MS,
      )
      try {
        const either = AbortSignal.any([signal, late.signal])
        const answer = await fetch(`${address}${path}`, { headers, signal: either })
        if (answer.ok) return answer
        reasons.push(`${address} answers ${answer.status}`)
        await answer.body?.cancel()
      } catch (cause) {
        signal.throwIfAborted()
        const failure = late.signal.aborted ? late.signal.reason : cause
        reasons.push(`${address}: ${(failure as Error).message}`)
      } finally {
        clearTimeout(timer)
      }
    }
    const why = reasons.length === 0 ? 'none is there' : reasons.join('; ')
    throw new PeerFailure(`no aggregator of ${region} answers: ${why}`)
  }
}

/** One line of a stream of instances. Throws PeerFailure. */
export function readInstances(line: string): readonly Instance[] {
  const { instances } = parsed(line) as { readonly instances?: unknown }
  const isList = Array.isArray(instances) && instances.every((one) => typeof one === 'object' && one !== null)
  if (!isList) throw new PeerFailure(`no list of instances: ${line.slice(0, 100)}`)
  return instances as Instance[]
}

async function jsonOf(answer: Response): Promise<object> {
  const lines: string[] = []
  for await (const line of linesOf(answer)) lines.push(line)
  return parsed(lines.join('\n'))
}

async function* linesOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() as string
    if (rest.length > LINE_CHARS_MAX) throw new PeerFailure('a line of the answer is too long')
    yield* lines
  }
  if (rest !== '') yield rest
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // The same as any other answer that is none.
  }
  throw new PeerFailure(`the answer is not JSON: ${text.slice(0, 100)}`)
}
