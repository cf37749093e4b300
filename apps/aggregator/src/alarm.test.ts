import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant, NEVER } from '@patina/base'
import { Alarm } from './alarm.ts'

const now = (): ReturnType<typeof instant> => instant(performance.now())
const { signal } = new AbortController()

test('a ring ends the wait, and one that came before it too, once', async () => {
  const alarm = new Alarm(now)
  const waits = alarm.wait(NEVER, signal)
  alarm.ring()
  await waits
  alarm.ring()
  await alarm.wait(NEVER, signal)
  let isOver = false
  const last = alarm.wait(NEVER, signal).then(() => (isOver = true))
  await Promise.resolve()
  assert.equal(isOver, false)
  alarm.ring()
  await last
})

test('the moment ends it, and a signal', async () => {
  const alarm = new Alarm(now)
  await alarm.wait(instant(performance.now() + 2), signal)
  await alarm.wait(instant(performance.now() - 5), signal)
  const end = new AbortController()
  const waits = alarm.wait(NEVER, end.signal)
  end.abort()
  await waits
  await alarm.wait(NEVER, end.signal)
})

test('something due sooner rings only who waits for longer', async () => {
  const alarm = new Alarm(now)
  alarm.bringForward(instant(0))
  const waits = alarm.wait(instant(performance.now() + 60_000), signal)
  alarm.bringForward(instant(performance.now() + 90_000))
  alarm.bringForward(instant(performance.now() + 10))
  await waits
})
