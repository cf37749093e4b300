import assert from 'node:assert/strict'
import test from 'node:test'
import { ProgressBar } from './progress-bar.ts'

function draw(isTTY: boolean, steps: number): string {
  let text = ''
  const bar = new ProgressBar({ isTTY, write: (part) => (text += part) }, 'rows', 10_000)
  for (let step = 0; step < steps; step += 1) bar.advance(100)
  return text
}

test('on a terminal one line is drawn again, at most once a cell, and ended', () => {
  const text = draw(true, 100)
  assert.equal(text.split('\r').length - 1, 31)
  assert.ok(text.endsWith(`\r  rows [${'#'.repeat(30)}] 10,000\n`))
  assert.ok(draw(true, 50).endsWith(`[${'#'.repeat(15)}${'-'.repeat(15)}] 5,000`))
})

test('elsewhere there is a line for each quarter', () => {
  assert.equal(
    draw(false, 100),
    ['2,500', '5,000', '7,500', '10,000'].map((done) => `  rows: ${done} of 10,000\n`).join(''),
  )
})

test('what comes after the end changes nothing', () => {
  assert.equal(draw(false, 150), draw(false, 100))
})
