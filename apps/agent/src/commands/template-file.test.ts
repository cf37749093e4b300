import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '@patina/program'
import { TEMPLATE_DEFAULTS } from '@patina/templating'
import { parseTemplateFile, type TemplateFile } from './template-file.ts'

function parse(text: string): TemplateFile {
  return parseTemplateFile(text, '/etc/patina/templates.toml', {})
}

function problems(text: string): readonly string[] {
  try {
    parse(text)
  } catch (cause) {
    assert.ok(cause instanceof ConfigError, String(cause))
    return cause.problems
  }
  return []
}

const ONE = '[[template]]\nsource = "a.eta"\ndestination = "/run/a"\n'

test('paths are relative to the file; what is not said has its default', () => {
  const { jobs, metricsAddress } = parse(ONE)
  assert.deepEqual(jobs, [
    { ...TEMPLATE_DEFAULTS, source: '/etc/patina/a.eta', destination: '/run/a', command: [] },
  ])
  assert.equal(metricsAddress, undefined)
})

test('settings at the top are for all, those of a table for one', () => {
  const text = `wait = "1s"\nmax_shrink = 0.5\nmetrics_addr = "127.0.0.1:9181"\n${ONE}
guard_hold = "forever"
command = "sh -c 'a b'"
perms = "0640"
backup = true
kill_signal = "SIGINT"
command_timeout = "5s"
render_timeout = "1s"
output_bytes_max = 10
environment = { A = "b" }
values = { a = [1] }
${ONE.replace('/run/a', '/run/b')}
guard = false
command = ["a", "b c"]
wait = "10ms:20ms"`
  const { jobs, metricsAddress } = parse(text)
  assert.deepEqual(jobs[0], {
    source: '/etc/patina/a.eta',
    destination: '/run/a',
    command: ['sh', '-c', 'a b'],
    commandTimeoutMs: 5_000,
    killSignal: 'SIGINT',
    environment: { A: 'b' },
    wait: { quietMs: 1_000, ceilingMs: 4_000 },
    mode: 0o640,
    backup: true,
    guard: { maxShrink: 0.5, holdMs: Number.POSITIVE_INFINITY },
    renderTimeoutMs: 1_000,
    outputBytesMax: 10,
    values: { a: [1] },
  })
  assert.deepEqual(jobs[1]?.guard, undefined)
  assert.deepEqual(jobs[1]?.command, ['a', 'b c'])
  assert.deepEqual(jobs[1]?.wait, { quietMs: 10, ceilingMs: 20 })
  assert.deepEqual(metricsAddress, { host: '127.0.0.1', port: 9181 })
})

test('every mistake is told at once, with its place', () => {
  assert.deepEqual(
    problems(`max_shrink = 2\n[[template]]\nsource = "a"\nperm = "1"\nwait = "2s:1s"\ncommand = "'"\n`),
    [
      '/etc/patina/templates.toml:1: max_shrink must be a share from 0 to 1, not 2',
      '/etc/patina/templates.toml: template 1: unknown key perm; did you mean perms?',
      '/etc/patina/templates.toml: template 1: wait must be QUIET or QUIET:CEILING, as "50ms:1s", not "2s:1s"',
      '/etc/patina/templates.toml: template 1: destination must be a path',
      "/etc/patina/templates.toml: template 1: command a ' is not closed",
    ],
  )
  assert.match(problems('')[0] ?? '', /template is missing/)
  assert.match(problems('template = 1')[0] ?? '', /must be tables/)
  assert.match(problems('guard_holt = "1s"')[0] ?? '', /did you mean guard_hold/)
  assert.match(problems('template = [')[0] ?? '', /not TOML/)
})

test('what a setting cannot be', () => {
  for (const line of [
    'wait = "fast"',
    'wait = 5',
    'guard = "no"',
    'guard_hold = "0s"',
    'command_timeout = 30',
    'kill_signal = "TERM"',
    'perms = "888"',
    'perms = 640',
    'environment = { A = 1 }',
    'output_bytes_max = 0',
    'values = 1',
    'backup = 1',
  ])
    assert.equal(problems(`${ONE}${line}`).length, 1, line)
})
