import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CommandIo, UsageError } from '@patina/program'
import { templateCommand } from './template.ts'

const IO: CommandIo = {
  out: () => {},
  taken: async () => {},
  err: () => {},
  environment: {},
  terminal: false,
  interrupted: () => new AbortController().signal,
}

test('what cannot be done is said before anything is', async () => {
  const spec = '/nowhere/a.eta:/nowhere/a'
  for (const [args, sentence] of [
    [[], /a template is missing/],
    [['a'], /is not SOURCE:DESTINATION/],
    [[`${spec}:"`], /a " is not closed/],
    [[spec, spec], /two templates write/],
    [[spec, '--confirm'], /goes with --once/],
    [[spec, '--wait', 'x'], /--wait must be/],
    [[spec, '--max-shrink', '2'], /--max-shrink must be a share/],
    [[spec, '--max-shrink', ''], /--max-shrink must be a share/],
    [[spec, '--perms', '9'], /--perms must be/],
    [[spec, '--kill-signal', 'TERM'], /--kill-signal must be/],
    [[spec, '--metrics-addr', 'x'], /--metrics-addr takes ip:port/],
    [[spec, '--ready-wait', '5'], /--ready-wait takes a time/],
    [Array.from({ length: 257 }, (_, i) => `${spec}${i}`), /at most 256/],
  ] as const)
    await assert.rejects(templateCommand.run([...args], IO), (cause: Error) => {
      assert.ok(cause instanceof UsageError, cause.message)
      assert.match(cause.message, sentence)
      return true
    })
})
