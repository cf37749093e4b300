import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pause } from './pause.ts'

test('a pause ends after its time, or with the signal, or at once where that was aborted before', async () => {
  const { signal } = new AbortController()
  const began = performance.now()
  await pause(20, signal)
  assert.ok(performance.now() - began >= 19)
  await pause(-5, signal)
  const controller = new AbortController()
  const endless = pause(Number.POSITIVE_INFINITY, controller.signal)
  const long = pause(2 ** 40, controller.signal)
  controller.abort()
  await Promise.all([endless, long, pause(60_000, controller.signal)])
  assert.ok(performance.now() - began < 10_000)
})

test('a pause leaves no listener on the signal', async () => {
  const { signal } = new AbortController()
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1
    remove(...args)
  }
  for (let i = 0; i < 5; i += 1) await pause(1, signal)
  assert.equal(listeners, 0)
})
