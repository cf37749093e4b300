import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { addressed, SERVICE, unaddressed } from './service.ts'

it('a message comes back with its service', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array(), (service, message) => {
      const back = unaddressed(addressed(service, message))
      assert.equal(back?.service, service)
      assert.deepEqual([...(back?.message ?? [])], [...message])
    }),
  )
})

it('nothing is for nobody', () => {
  assert.equal(unaddressed(new Uint8Array()), undefined)
  assert.notEqual(SERVICE.swim, SERVICE.sync)
})
