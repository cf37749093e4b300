import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CertificateAlerts } from './certificate-alerts.ts'

const DAY_MS = 86_400_000
const END = 1_000 * DAY_MS

test('T-C4: a certificate is told of at 30, 7 and 1 days and at its end, once each, whenever one looks', () => {
  const alerts = new CertificateAlerts()
  const told: string[] = []
  for (let hour = 40 * 24; hour >= -48; hour -= 1)
    for (const { of, level, days } of alerts.look(
      [{ of: 'own', expiresAtMs: END }],
      END - hour * (DAY_MS / 24),
    ))
      told.push(`${of} ${level} ${days} at ${hour} h`)
  assert.deepEqual(told, [
    'own warn 30 at 720 h',
    'own warn 7 at 168 h',
    'own warn 1 at 24 h',
    'own error 0 at 0 h',
  ])
})

test('who looks late is told the nearest alone; a renewed certificate is another one', () => {
  const alerts = new CertificateAlerts()
  const look = (expiresAtMs: number, days: number): string[] =>
    alerts
      .look([{ of: 'own', expiresAtMs }], END - days * DAY_MS)
      .map(({ level, days: left }) => `${level} ${left}`)
  assert.deepEqual(look(END, 3), ['warn 3'])
  assert.deepEqual(look(END, 6), [], 'a clock that was set back tells nothing anew')
  assert.deepEqual(look(END, -1), ['error 0'])
  assert.deepEqual(look(END + 5 * DAY_MS, -1), ['warn 4'])
  assert.deepEqual(look(END + 90 * DAY_MS, -1), [])
})

test('each peer has its own alerts, and what is remembered of them is bounded', () => {
  const alerts = new CertificateAlerts()
  const peers = Array.from({ length: 5_000 }, (_, peer) => ({ of: `peer ${peer}`, expiresAtMs: END }))
  assert.equal(alerts.look(peers, END - DAY_MS).length, 5_000)
  assert.equal(alerts.look(peers.slice(-4_000), END - DAY_MS).length, 0)
  assert.equal(alerts.look(peers.slice(0, 1), END - DAY_MS).length, 1, 'forgotten, so told once more')
})
