/**
 * Wire: one way to speak to an agent. The table is played over each of them; what an agent answers may not depend on it.
 */
import type { Request } from './exchange.ts'

export interface WireAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: AsyncIterable<Uint8Array>
  /** Leaves, also in the middle of the body. */
  cancel(): void
}

export interface Wire {
  readonly name: string
  /** Rejects where the connection breaks before the headers. */
  send(request: Request): Promise<WireAnswer>
  close(): Promise<void>
}

/** Nothing that the table asks takes so long on a busy machine. */
export const ANSWER_DEADLINE_MS = 20_000

/** The headers that go over the wire. */
export function headersOf({ headers = {}, body }: Request): { [name: string]: string } {
  const type = headers['content-type'] ?? (body === undefined ? '' : 'application/json')
  const { 'content-type': _, ...others } = headers
  return {
    ...others,
    ...(type === '' ? {} : { 'content-type': type }),
    ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
  }
}
