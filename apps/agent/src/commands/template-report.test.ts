import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '@patina/program/log'
import { TEMPLATE_DEFAULTS, type TemplateJob } from '@patina/templating'
import { TemplateMetrics } from './template-metrics.ts'
import { eventJson, logEvent, type ReportedEvent } from './template-report.ts'

const JOB: TemplateJob = {
  ...TEMPLATE_DEFAULTS,
  source: '/a.eta',
  destination: '/a',
  command: ['nginx', '-s'],
}

function commandEnd(
  end: Extract<ReportedEvent, { kind: 'command' }>['outcome']['end'],
  output = '',
): ReportedEvent {
  return { kind: 'command', argv: JOB.command, outcome: { end, output, ms: 12.4 } }
}

function logged(event: ReportedEvent, job: TemplateJob | undefined): string {
  let lines = ''
  const log = createLog({ level: 'info', format: 'plaintext' }, (line) => {
    lines += line
  })
  logEvent(log, event, job)
  return lines.replace(/^\S+ /, '').trimEnd()
}

const SHRUNK = [{ name: 'SELECT 1', from: 10, to: 0 }]

test('each event is a line that says what the file is now', () => {
  for (const [event, line] of [
    [{ kind: 'written', bytes: 5, ownerKept: true }, 'INFO  written file=/a bytes=5'],
    [{ kind: 'unchanged' }, ''],
    [{ kind: 'rendered', ms: 1, queries: 1 }, ''],
    [{ kind: 'written', bytes: 5, ownerKept: false }, /^WARN {2}written, with another owner/],
    [
      { kind: 'held', shrunk: SHRUNK, forMs: 1_000 },
      /^WARN {2}held, .*10 → 0 rows of SELECT 1; SIGUSR2 .* for=1s$/,
    ],
    [{ kind: 'held', shrunk: SHRUNK, forMs: Number.POSITIVE_INFINITY }, /for=ever$/],
    [{ kind: 'let-through', shrunk: SHRUNK }, /^WARN {2}let through: 10 → 0 rows/],
    [
      { kind: 'failed', failure: { message: 'no', file: '/a.eta', line: 3 } },
      'ERROR the last file stays: /a.eta:3: no file=/a',
    ],
    [{ kind: 'failed', failure: { message: 'no' } }, 'ERROR the last file stays: no file=/a'],
    [commandEnd({ kind: 'exit', code: 0 }, 'ok\n'), 'INFO  nginx: exit code 0 file=/a ms=12 output=ok'],
    [commandEnd({ kind: 'exit', code: 1 }), 'ERROR nginx: exit code 1 file=/a ms=12'],
    [commandEnd({ kind: 'signal', signal: 'SIGKILL' }), /^ERROR nginx: ended by SIGKILL/],
    [commandEnd({ kind: 'timeout' }), /^ERROR nginx: it did not end in time/],
    [commandEnd({ kind: 'unstarted', reason: 'ENOENT' }), /^ERROR nginx: it could not be started: ENOENT/],
  ] as const) {
    if (typeof line === 'string') assert.equal(logged(event, JOB), line)
    else assert.match(logged(event, JOB), line)
  }
  assert.equal(
    logged({ kind: 'source-lost', sql: 'SELECT 1', reason: 'away' }, undefined),
    'WARN  rows stay as they are: away sql="SELECT 1"',
  )
})

test('as JSON an event is one line with its file', () => {
  assert.deepEqual(JSON.parse(eventJson({ kind: 'written', bytes: 5, ownerKept: true }, JOB)), {
    event: 'written',
    source: '/a.eta',
    destination: '/a',
    bytes: 5,
    ownerKept: true,
  })
})

test('metrics and status say how each template stands', async (t) => {
  const metrics = new TemplateMetrics(() => ({ followed: 7, stale: 2 }))
  metrics.expect([JOB])
  const server = await metrics.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => server.close())
  const address = server.address()
  const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const get = async (path: string): Promise<string> => (await fetch(`${base}${path}`)).text()
  assert.match(await get('/metrics'), /patina_template_held\{file="\/a"\} 0\n/)
  metrics.count(JOB, { kind: 'rendered', ms: 3, queries: 2 })
  metrics.count(JOB, { kind: 'held', shrunk: SHRUNK, forMs: 1 })
  metrics.count(JOB, commandEnd({ kind: 'exit', code: 0 }) as Parameters<typeof metrics.count>[1])
  const text = await get('/metrics')
  assert.match(text, /patina_template_held\{file="\/a"\} 1\n/)
  assert.match(text, /patina_template_failed\{file="\/a"\} 0\n/)
  assert.match(text, /patina_template_queries 7\n/)
  assert.match(text, /patina_template_queries_stale 2\n/)
  assert.match(text, /patina_template_renders_total\{file="\/a",outcome="held"\} 1\n/)
  assert.match(text, /patina_template_commands_total\{file="\/a",outcome="exit code 0"\} 1\n/)
  const { templates } = JSON.parse(await get('/status'))
  assert.deepEqual(templates, [
    {
      source: '/a.eta',
      destination: '/a',
      state: 'held',
      reason: '10 → 0 rows of SELECT 1',
      queries: 2,
      written_at_ms: null,
      command: 'exit code 0',
    },
  ])
  metrics.count(JOB, { kind: 'written', bytes: 1, ownerKept: true })
  assert.match(await get('/status'), /"state": "current"/)
  assert.equal((await fetch(`${base}/other`)).status, 404)
  metrics.expect([])
  assert.doesNotMatch(await get('/metrics'), /held\{/)
})
