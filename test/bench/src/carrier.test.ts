import assert from 'node:assert/strict'
import test from 'node:test'
import { answerOn, type Carrier, CarrierProbe } from './carrier.ts'

/** Two ends in one process; `most` is how many messages ever waited for the second end. */
function pair(): { near: Carrier; far: Carrier; most: () => number } {
  const listeners: ((message: Uint8Array) => void)[] = []
  let [waiting, most] = [0, 0]
  const end = (own: number): Carrier => ({
    send: (message) => {
      waiting += own === 0 ? 1 : 0
      most = Math.max(most, waiting)
      setImmediate(() => {
        waiting -= own === 0 ? 1 : 0
        listeners[1 - own]?.(message)
      })
    },
    onMessage: (listener) => {
      listeners[own] = listener
    },
  })
  return { near: end(0), far: end(1), most: () => most }
}

test('messages go there and back, and one way within a window', async () => {
  const { near, far, most } = pair()
  answerOn(far)
  const probe = new CarrierProbe(near)
  assert.ok((await probe.roundTrip(64, 5)) > 0)
  assert.ok((await probe.oneWay(64, 640)) > 0)
  assert.ok((await probe.roundTrip(64, 5)) > 0)
  assert.ok(most() > 1 && most() <= 128, `${most()} messages under way`)
})

test('paced trips beside a backlog that is filled again and again; its messages are not answered', async () => {
  const { near, far } = pair()
  let [room, backlog] = [0, 0]
  answerOn(far)
  const refill = setInterval(() => {
    room = 3
  }, 1)
  const carrier: Carrier = {
    ...near,
    sendBacklog: (message) => {
      if (room === 0) return false
      room -= 1
      backlog += 1
      near.send(message.subarray(0, 8))
      return true
    },
  }
  const probe = new CarrierProbe(carrier)
  assert.equal((await probe.pacedRoundTrips(64, 10, 'none')).length, 10)
  assert.equal(backlog, 0)
  assert.equal((await probe.pacedRoundTrips(64, 10, 'full')).length, 10)
  assert.ok(backlog > 3, `${backlog}`)
  clearInterval(refill)
})
