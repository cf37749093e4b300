/**
 * The service that the contract suite runs behind each carrier: an echo, a slow call, failures, streams that count how
 * far they were pulled, events, and an endless statement.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { PortHandlers } from '@patina/base'
import { openDatabase } from '../../src/open.ts'

export interface TestContract {
  readonly calls: {
    readonly echo: { readonly request: unknown; readonly reply: unknown }
    readonly slow: { readonly request: number; readonly reply: string }
    readonly fail: { readonly request: string; readonly reply: never }
    readonly pulled: { readonly request: null; readonly reply: number }
    readonly returned: { readonly request: null; readonly reply: number }
    readonly announce: { readonly request: number; readonly reply: 'done' }
    readonly endless: { readonly request: null; readonly reply: never }
    /** Ends what serves, without a word. */
    readonly exit: { readonly request: number; readonly reply: never }
    /** What was noted so far; `note` adds to it. */
    readonly notes: { readonly request: null; readonly reply: readonly unknown[] }
    readonly note: { readonly request: unknown; readonly reply: null }
    readonly pid: { readonly request: null; readonly reply: number }
  }
  readonly streams: {
    readonly count: {
      readonly request: { readonly chunks: number; readonly bytes: number; readonly failAt?: number }
      readonly head: { readonly total: number }
    }
    /** All bytes with the head. */
    readonly whole: { readonly request: number; readonly head: { readonly total: number } }
    readonly refuse: { readonly request: string; readonly head: never }
    /** Gives nothing until it is ended. */
    readonly forever: { readonly request: null; readonly head: null }
  }
  readonly event: { readonly number: number }
}

export function testHandlers(): PortHandlers<TestContract> {
  let pulled = 0
  let returned = 0
  const notes: unknown[] = []
  let emit: (event: TestContract['event']) => void = () => {}
  function* count(chunks: number, bytes: number, failAt: number | undefined): Generator<Uint8Array> {
    try {
      for (let i = 0; i < chunks; i += 1) {
        if (i === failAt) throw new Error(`failed at chunk ${i}`)
        pulled += 1
        yield new Uint8Array(bytes).fill(i)
      }
    } finally {
      returned += 1
    }
  }
  const waiting = new Set<() => void>()
  function forever(): AsyncIterableIterator<Uint8Array, undefined> {
    const done = { done: true, value: undefined } as const
    let end = (): void => {}
    const ended = new Promise<typeof done>((resolve) => {
      end = () => resolve(done)
    })
    waiting.add(end)
    const iterator: AsyncIterableIterator<Uint8Array, undefined> = {
      next: () => ended,
      return: () => {
        if (waiting.delete(end)) returned += 1
        end()
        return ended
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }
  return {
    start: (given) => {
      emit = given
    },
    calls: {
      echo: (request) => request,
      slow: async (ms) => {
        await sleep(ms)
        return 'slept'
      },
      fail: (message) => {
        throw new Error(message)
      },
      pulled: () => pulled,
      returned: () => returned,
      announce: (events) => {
        for (let number = 1; number <= events; number += 1) emit({ number })
        return 'done'
      },
      endless: () => {
        const sql = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'
        openDatabase(':memory:').prepare(sql).get()
        throw new Error('an endless statement ended')
      },
      exit: (code) => process.exit(code),
      notes: () => notes,
      note: (value) => {
        notes.push(value)
        return null
      },
      pid: () => process.pid,
    },
    streams: {
      count: ({ chunks, bytes, failAt }) => ({
        head: { total: chunks },
        chunks: count(chunks, bytes, failAt),
      }),
      whole: (bytes) => ({ head: { total: bytes }, whole: new Uint8Array(bytes).fill(7) }),
      refuse: (message) => {
        throw new Error(message)
      },
      forever: () => ({ head: null, chunks: forever() }),
    },
    closing: () => {
      for (const end of waiting) end()
    },
  }
}
