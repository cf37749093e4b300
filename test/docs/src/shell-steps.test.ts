import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { outputsOf, scriptOf, shellSteps } from './shell-steps.ts'

test('comment lines behind commands are the answer; those behind a command on its line are not', () => {
  const block = 'echo a \\\n  b # both\n# a b\n\nx=1\necho $x; echo 2\n# 1\n# 2\necho end\n'
  assert.deepEqual(shellSteps(block), [
    { commands: 'echo a \\\n  b # both\n', shown: ['a b'] },
    { commands: '\nx=1\necho $x; echo 2\n', shown: ['1', '2'] },
    { commands: 'echo end\n', shown: [] },
  ])
})

test('a comment inside a here document is part of it', () => {
  const block = "cat > f <<'EOF'\n# not an answer\nEOF\ncat f\n# # not an answer\n"
  const steps = shellSteps(block)
  assert.deepEqual(
    steps.map(({ shown }) => shown),
    [['# not an answer']],
  )
})

test('the script runs in one shell and its output falls apart again', () => {
  const steps = shellSteps('x=1\necho a $x\n# a 1\necho; echo b $x\n# b 1\n')
  const { stdout } = spawnSync('sh', { input: scriptOf(steps), encoding: 'utf8' })
  assert.deepEqual(outputsOf(stdout), [['a 1'], ['b 1'], []])
})
