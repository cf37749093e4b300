/** The service behind the Port in port.bench.ts: answers what it got, and streams chunks of zeros. */
import type { PortHandlers } from '@patina/base'
import { serveParentProcess } from '@patina/sqlite/port'

export interface EchoContract {
  readonly calls: { readonly echo: { readonly request: unknown; readonly reply: unknown } }
  readonly streams: {
    readonly zeros: {
      readonly request: { readonly chunks: number; readonly bytes: number }
      readonly head: null
    }
  }
  readonly event: never
}

function* zeros(chunks: number, bytes: number): Generator<Uint8Array> {
  for (let i = 0; i < chunks; i += 1) yield new Uint8Array(bytes)
}

const handlers: PortHandlers<EchoContract> = {
  calls: { echo: (request) => request },
  streams: { zeros: ({ chunks, bytes }) => ({ head: null, chunks: zeros(chunks, bytes) }) },
}

if (process.send !== undefined) await serveParentProcess(() => handlers)
