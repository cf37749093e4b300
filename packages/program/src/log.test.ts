import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from './log.ts'

test('plain lines hold time, level, message and fields', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', format: 'plaintext' }, (line) => lines.push(line))
  log.info({ addr: '127.0.0.1:1', note: 'two words', n: 1 }, 'listening')
  log.debug('not written')
  assert.equal(lines.length, 1)
  assert.match(lines[0] as string, /^\d{4}-\S+Z INFO {2}listening addr=127.0.0.1:1 note="two words" n=1\n$/)
})

test('json lines are pino lines with a time for people', () => {
  const lines: string[] = []
  createLog({ level: 'debug', format: 'json' }, (line) => lines.push(line)).warn({ a: 1 }, 'b')
  const { time, ...rest } = JSON.parse(lines[0] as string)
  assert.deepEqual(rest, { level: 40, a: 1, msg: 'b' })
  assert.ok(!Number.isNaN(Date.parse(time)))
})
