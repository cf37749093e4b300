import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProgramMetrics } from './metrics.ts'

test('all that a program counts is in its registry under its prefix; a gauge is set when somebody asks', async () => {
  const metrics = new ProgramMetrics('sample')
  let size = 1
  metrics.gauge('size', 'how much', ['of'], (self) => self.set({ of: 'rows' }, size))
  metrics.counter('turns', 'how often').inc(2)
  metrics.histogram('turn_seconds', 'how long').observe(0.3)
  size = 7
  const text = await metrics.registry.metrics()
  assert.match(text, /^sample_size\{of="rows"\} 7$/m)
  assert.match(text, /^sample_turns_total 2$/m)
  assert.match(text, /^sample_turn_seconds_bucket\{le="0.25"\} 0\nsample_turn_seconds_bucket\{le="0.5"\} 1$/m)
})
