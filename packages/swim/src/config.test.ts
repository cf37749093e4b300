import assert from 'node:assert/strict'
import test from 'node:test'
import { defaultConfig, findConfigFault, knobs } from './config.ts'

test('the defaults are sound, and each knob has a source', () => {
  assert.equal(findConfigFault(defaultConfig), undefined)
  for (const [name, knob] of Object.entries(knobs)) assert.ok(knob.source.length > 0, name)
})

test('a fault is one sentence that names the knob, its bounds and the value', () => {
  assert.equal(
    findConfigFault({ ...defaultConfig, helpers: 17 }),
    'helpers must be a whole number from 0 to 16 (count), not 17.',
  )
  assert.match(
    findConfigFault({ ...defaultConfig, probePeriodMs: 1.5 }) ?? '',
    /^probePeriodMs must be a whole/,
  )
  assert.match(
    findConfigFault({ ...defaultConfig, probePeriodMs: 900 }) ?? '',
    /at most half of probePeriodMs/,
  )
  assert.match(
    findConfigFault({ ...defaultConfig, probeTimeoutMsMin: 501 }) ?? '',
    /must not exceed probeTimeoutMs/,
  )
  assert.match(findConfigFault({ ...defaultConfig, rejoinMsMax: 999 }) ?? '', /must not exceed rejoinMsMax/)
})
