/** The service behind the Ports in port.bench.ts: answers what it got, streams chunks of zeros, or gives them whole. */
import { isMainThread } from 'node:worker_threads'
import type { PortHandlers } from '@patina/base'
import { serveParentProcess } from '@patina/sqlite/port'

export interface EchoContract {
  readonly calls: { readonly echo: { readonly request: unknown; readonly reply: unknown } }
  readonly streams: {
    readonly zeros: {
      readonly request: { readonly chunks: number; readonly bytes: number }
      readonly head: null
    }
    /** So many zeros, with the head. */
    readonly whole: { readonly request: number; readonly head: null }
  }
  readonly event: never
}

function* zeros(chunks: number, bytes: number): Generator<Uint8Array> {
  for (let i = 0; i < chunks; i += 1) yield new Uint8Array(bytes)
}

export const echoHandlers: PortHandlers<EchoContract> = {
  calls: { echo: (request) => request },
  streams: {
    zeros: ({ chunks, bytes }) => ({ head: null, chunks: zeros(chunks, bytes) }),
    whole: (bytes) => ({ head: null, whole: new Uint8Array(bytes) }),
  },
}

// Also imported by the threads of echo-threads.ts and, for its types, by the benchmark.
if (process.send !== undefined && isMainThread && process.argv[1] === import.meta.filename)
  await serveParentProcess(() => echoHandlers)
