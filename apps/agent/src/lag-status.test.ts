import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, millis, version } from '@patina/base'
import type { ActorLag } from '@patina/sync'
import { lagJson } from './lag-status.ts'

test('the status shows the origins that lag most, with how long their changes take', () => {
  const nth = (n: number): ActorLag['actor'] => actorId(n.toString(16).padStart(32, '0'))
  const lag = Array.from({ length: 100 }, (_, i) => ({
    actor: nth(i),
    version: version(i + 1),
    behind: i === 7 ? 5 : 0,
    ageMs: i === 9 ? undefined : millis(i),
  }))
  const delays = { p50Ms: 1, p99Ms: 2, maxMs: 3 }
  const shown = lagJson({
    oldestView: { actor: nth(99), ageMs: millis(99.4) },
    lag,
    delaysOf: (origin) => (origin === nth(7) ? delays : undefined),
  }) as { origins: { actor: string }[] }
  assert.deepEqual({ ...shown, origins: 0 }, { oldest_view_ms: 99, oldest_view_of: nth(99), origins: 0 })
  assert.equal(shown.origins.length, 64)
  const worst = { actor: nth(7), version: 8, behind: 5, age_ms: 7, p50_ms: 1, p99_ms: 2, max_ms: 3 }
  assert.deepEqual(shown.origins[0], worst)
  assert.equal(shown.origins[1]?.actor, nth(99))
  assert.deepEqual(lagJson({ oldestView: undefined, lag: [], delaysOf: () => undefined }), {
    oldest_view_ms: null,
    oldest_view_of: null,
    origins: [],
  })
})
