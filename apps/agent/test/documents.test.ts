import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { KeySpec } from '@patina/program'
import { pino } from 'pino'
import { CONFIG_KEYS } from '../src/config-keys.ts'
import { Telemetry } from '../src/telemetry.ts'

const docs = new URL('../../../docs/', import.meta.url)

function shown(fallback: unknown): string {
  return fallback === undefined ? '' : JSON.stringify(fallback).replaceAll(',', ', ')
}

function row({ name, required, fallback, meaning }: KeySpec): string {
  return `| \`${name}\` | ${required ? 'required' : shown(fallback)} | ${meaning} |`
}

test('docs/operations.md lists every configuration key with its default', () => {
  // The formatter pads tables.
  const text = readFileSync(new URL('operations.md', docs), 'utf8').replace(/ +/g, ' ')
  for (const spec of CONFIG_KEYS)
    assert.ok(text.includes(row(spec).replace(/ +/g, ' ')), `docs/operations.md lacks:\n${row(spec)}`)
})

test('docs/metrics.md lists every metric, and no other', async () => {
  const telemetry = new Telemetry(pino({ enabled: false }), '0.0.0')
  telemetry.watch({
    membersByState: () => new Map(),
    ready: () => true,
    pendingByRole: () => new Map(),
    sessions: () => 0,
    streams: () => new Map(),
    certificateExpiries: () => new Map(),
    membership: () => ({ localHealth: 0, unverified: 0, rumors: 0 }),
    skew: () => ({ tables: [], other: 0 }),
    versions: () => ({ missing: 0, unobtainable: 0, lost: 0 }),
    oldestViewSeconds: () => 0,
    broadcast: () => ({ queuedBytes: new Map(), delayedBytes: 0, muted: 0 }),
    store: async () => undefined,
  })
  const exposed = (await telemetry.exposition()).matchAll(/^# TYPE (\S+)/gm)
  const listed = readFileSync(new URL('metrics.md', docs), 'utf8').matchAll(/^\| `(\S+)`/gm)
  const names = (matches: IterableIterator<RegExpExecArray>): string[] =>
    [...matches].map(([, name]) => name as string).sort()
  assert.deepEqual(names(listed), names(exposed))
})
