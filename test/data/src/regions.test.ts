import assert from 'node:assert/strict'
import test from 'node:test'
import { REGIONS, type Region, rttMs } from './regions.ts'

function region(code: string): Region {
  return REGIONS.find((candidate) => candidate.region === code) ?? assert.fail(`no region ${code}`)
}

test('there are 35 regions with codes of their own, on this planet', () => {
  assert.equal(new Set(REGIONS.map((one) => one.region)).size, 35)
  for (const { region: code, lat, lon } of REGIONS) {
    assert.match(code, /^[a-z]{3}$/)
    assert.ok(Math.abs(lat) <= 90 && Math.abs(lon) <= 180)
  }
})

test('the round trip is 4 ms at home, the same both ways, and follows the distance', () => {
  for (const a of REGIONS) {
    assert.equal(rttMs(a, a), 4)
    for (const b of REGIONS) assert.ok(Math.abs(rttMs(a, b) - rttMs(b, a)) < 1e-9)
  }
  // Amsterdam–Tokyo is about 9,300 km, Amsterdam–Sydney 16,650 km.
  assert.ok(Math.abs(rttMs(region('ams'), region('nrt')) - 128) < 3)
  assert.ok(Math.abs(rttMs(region('ams'), region('syd')) - 226) < 3)
})
