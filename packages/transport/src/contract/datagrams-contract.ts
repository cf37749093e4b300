/**
 * What every implementation of Datagrams must do. Runs as tests of node:test; a test is skipped only with a reason.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../limits.ts'
import type { DatagramListener, Datagrams } from '../transport.ts'
import { RecordingDatagrams } from './recording.ts'
import { until } from './until.ts'

export interface DatagramsHarness {
  /** Binds one more end in the same network and cluster. */
  bind(listener: DatagramListener): Promise<Datagrams>
  /** Moves a transport that the test drives. */
  work?(): void
}

interface Pair {
  readonly a: Datagrams
  readonly b: Datagrams
  readonly atA: RecordingDatagrams
  readonly atB: RecordingDatagrams
  readonly arrived: (what: string, condition: () => boolean) => Promise<void>
}

type Case = (pair: Pair) => void | Promise<void>

const CASES: { readonly [name: string]: Case } = {
  'a datagram arrives once, as it was sent, from the address of its sender': async ({
    a,
    b,
    atA,
    atB,
    arrived,
  }) => {
    const payload = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    a.send(b.local, payload)
    payload.fill(0)
    await arrived('the datagram', () => atB.received.length > 0)
    const sent = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('')
    assert.deepEqual(atB.received, [{ from: a.local, text: sent }])
    b.send(atB.received[0]?.from ?? b.local, Buffer.from('back'))
    await arrived('the answer', () => atA.received.length > 0)
    assert.deepEqual(atA.received, [{ from: b.local, text: 'back' }])
  },
  'sizes from nothing to the greatest arrive': async ({ a, b, atB, arrived }) => {
    const sizes = [0, 1, limits.datagramPayloadBytesMax]
    for (const size of sizes) a.send(b.local, Buffer.alloc(size, 'x'))
    await arrived('all sizes', () => atB.received.length === sizes.length)
    assert.deepEqual(atB.received.map(({ text }) => text.length).sort(numerically), sizes)
  },
  'a longer payload is a programmer’s error': ({ a, b }) => {
    assert.throws(
      () => a.send(b.local, new Uint8Array(limits.datagramPayloadBytesMax + 1)),
      /assertion failed/,
    )
  },
  'a burst from one sender arrives': async ({ a, b, atB, arrived }) => {
    for (let i = 0; i < 500; i += 1) a.send(b.local, Buffer.from(`${i}`))
    await arrived('the burst', () => atB.received.length === 500)
    assert.equal(new Set(atB.received.map(({ text }) => text)).size, 500)
    assert.deepEqual(atB.refusals, [])
  },
  'what is sent to nobody, or after the end, is lost without an error': async ({ a, b, atB, arrived }) => {
    await b.close()
    await b.close()
    a.send(b.local, Buffer.from('lost'))
    b.send(a.local, Buffer.from('too late'))
    a.send(a.local, Buffer.from('to itself: may arrive or not'))
    await arrived('nothing in particular', () => true)
    assert.deepEqual(atB.received, [])
  },
}

export function testDatagramsContract(
  name: string,
  open: () => DatagramsHarness,
  skip: { readonly [name: string]: string } = {},
): void {
  for (const [title, run] of Object.entries(CASES))
    test(`${name}: ${title}`, { skip: skip[title] ?? false }, async () => {
      const harness = open()
      const [atA, atB] = [new RecordingDatagrams(), new RecordingDatagrams()]
      const [a, b] = await Promise.all([harness.bind(atA), harness.bind(atB)])
      const arrived = (what: string, condition: () => boolean): Promise<void> =>
        until(what, condition, () => harness.work?.())
      try {
        await run({ a, b, atA, atB, arrived })
      } finally {
        await Promise.all([a.close(), b.close()])
      }
    })
}

function numerically(a: number, b: number): number {
  return a - b
}
