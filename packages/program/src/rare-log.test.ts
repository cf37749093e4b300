import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RareLog } from './rare-log.ts'

test('one line of a kind each minute, with the number of those that were held back', () => {
  const lines: unknown[] = []
  const write = (fields: object, message?: string): void => void lines.push([message, fields])
  let now = 0
  const rare = new RareLog({ debug: write, info: write, warn: write }, () => now)
  const tell = (kind: string): void => rare.tell('warn', kind, { kind }, 'refused')
  for (let i = 0; i < 5; i += 1) tell('a')
  tell('b')
  now = 59_999
  tell('a')
  now = 60_000
  tell('a')
  tell('a')
  now = 200_000
  tell('b')
  assert.deepEqual(lines, [
    ['refused', { kind: 'a' }],
    ['refused', { kind: 'b' }],
    ['refused', { kind: 'a', alike: 5 }],
    ['refused', { kind: 'b' }],
  ])
})

test('kinds are bounded', () => {
  let lines = 0
  const write = (): void => {
    lines += 1
  }
  const rare = new RareLog({ debug: write, info: write, warn: write }, () => 0)
  for (let kind = 0; kind < 1_000; kind += 1) rare.tell('info', String(kind), {}, 'm')
  rare.tell('info', '999', {}, 'm')
  assert.equal(lines, 1_000)
  rare.tell('info', '0', {}, 'm')
  assert.equal(lines, 1_001)
})
