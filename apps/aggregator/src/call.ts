/** A call of a command to the aggregator that runs on this host. */
import { ConnectionError } from '@patina/client'
import { StartRefusal } from '@patina/program'

export interface AggregatorCall {
  readonly address: string
  readonly token: string | undefined
  readonly method: 'GET' | 'POST'
  readonly path: string
}

const CALL_MS = 15_000

/** Throws StartRefusal with its words where it refuses, ConnectionError where it is not there. */
export async function callAggregator(
  { address, token, method, path }: AggregatorCall,
  fetch: typeof globalThis.fetch,
): Promise<Readonly<Record<string, unknown>>> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  let answer: Response
  try {
    answer = await fetch(`${address}${path}`, { method, headers, signal: AbortSignal.timeout(CALL_MS) })
  } catch (cause) {
    throw new ConnectionError('unreachable', address, (cause as Error).message, cause)
  }
  if (answer.status === 401)
    throw new StartRefusal(`the aggregator at ${address} wants another token (token_file)`)
  const body = (await answer.json().catch(() => ({ error: 'its answer is not JSON' }))) as Record<
    string,
    unknown
  >
  if (!answer.ok) throw new StartRefusal(`${body.error ?? `the aggregator answers ${answer.status}`}`)
  return body
}
