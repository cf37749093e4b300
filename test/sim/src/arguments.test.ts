import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseArguments, UsageError } from './arguments.ts'

test('the line of the README', () => {
  const args = parseArguments(['swim', '--nodes', '1000', '--kill', '1%', '--loss', '10%'])
  assert.deepEqual(args.overrides, { nodes: 1_000, loss: 0.1 })
  assert.deepEqual(args.kill, { share: 0.01 })
  assert.equal(args.scenario, undefined)
})

test('killed may be a number', () => {
  assert.deepEqual(parseArguments(['swim', '--kill', '3']).kill, { count: 3 })
})

for (const [args, message] of [
  [[], /pnpm sim swim \[options\]/],
  [['fish'], /pnpm sim swim \[options\]/],
  [['node'], /pnpm sim node needs --scenario/],
  [['swim', '--fast'], /--fast/],
  [['swim', '--loss', '0.1'], /--loss must be a share like 10%, not "0\.1"/],
  [['swim', '--kill', '200%'], /--kill must be a share/],
  [['swim', '--seed', 'x'], /--seed must be a whole number, not "x"/],
  [['swim', '--minutes', '0'], /--minutes must be a number above 0/],
  [['swim', '--how', 'gently'], /--how must be one of process, power/],
  [['swim', '--without', 'sense'], /--without must be one of loss/],
] as const)
  test(`refused: ${args.join(' ') || 'nothing'}`, () => {
    assert.throws(
      () => parseArguments(args),
      (error) => error instanceof UsageError && message.test(error.message),
    )
  })
