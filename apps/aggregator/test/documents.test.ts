import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { pino } from 'pino'
import { CONFIG_KEYS } from '../src/config.ts'
import { Telemetry } from '../src/telemetry.ts'

/** One space between words: the formatter pads tables. */
const page = readFileSync(new URL('../../../docs/tiers.md', import.meta.url), 'utf8').replace(/ +/g, ' ')

function listed(heading: string): string[] {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`)).split('\n## ')[1] ?? ''
  return [...section.matchAll(/^\| `(\S+)`/gm)].map(([, name]) => name as string).sort()
}

test('docs/tiers.md lists every configuration key with its default, and no other', () => {
  for (const { name, fallback, meaning } of CONFIG_KEYS) {
    const shown = fallback === undefined ? '' : ` ${JSON.stringify(fallback)}`
    assert.ok(page.includes(`| \`${name}\` |${shown} | ${meaning} |`), `not as in the program: ${name}`)
  }
  assert.deepEqual(listed('Configuration'), CONFIG_KEYS.map(({ name }) => name).sort())
})

test('docs/tiers.md lists every metric, and no other', async () => {
  const lease = { role: () => 'waits' as const, members: [], isRegionReady: false }
  const telemetry = new Telemetry({
    log: pino({ enabled: false }),
    version: '0.0.0',
    publishers: [],
    lease,
    feeds: { size: 0 },
    sessions: { size: 0 },
    certificates: () => new Map(),
    clock: () => 0,
  })
  const metrics = await telemetry.registry.getMetricsAsJSON()
  assert.deepEqual(listed('Metrics'), metrics.map(({ name }) => name).sort())
})
