import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Outcome, Settled } from './outcome.ts'
import type { RenderAnswer, RenderOutcome } from './render-message.ts'
import { Renderer } from './renderer.ts'

class Fixture {
  readonly path: string
  readonly renderer: Renderer

  constructor(t: TestContext, environment: NodeJS.ProcessEnv = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'patina-renderer-'))
    this.path = join(folder, 'a.eta')
    this.renderer = new Renderer({ environment, memoryMegabytes: 64 })
    t.after(() => {
      this.renderer.close()
      rmSync(folder, { recursive: true, force: true })
    })
  }

  render(
    text: string,
    known: Readonly<Record<string, Settled>> = {},
    timeoutMs = 5_000,
  ): Promise<RenderAnswer> {
    writeFileSync(this.path, text)
    const results = new Map(Object.entries(known))
    return this.renderer.render({
      source: this.path,
      values: { v: 1 },
      timeoutMs,
      outputBytesMax: 1_000,
      results,
    })
  }

  async outcome(text: string, known: Readonly<Record<string, Settled>> = {}): Promise<RenderOutcome> {
    return (await this.render(text, known)).outcome
  }
}

function settled(outcome: Outcome, revision = 1): Settled {
  return { revision, outcome }
}

const A_KEY = '["SELECT a",[]]'

test('a query that is not known is asked for; with its rows the text is complete', async (t) => {
  const fixture = new Fixture(t)
  const text = '<% const [row] = sql("SELECT a") %><%= row.a %> <%= sql`SELECT $' + '{1n}`.length %>'
  const first = await fixture.render(text)
  assert.equal(first.outcome.kind, 'incomplete')
  // The first row is missing, so the template fails before it comes to the second query.
  assert.deepEqual(
    first.calls.map(({ key }) => key),
    [A_KEY],
  )
  const known = { [A_KEY]: settled({ columns: ['a'], rows: [[2n ** 60n]] }) }
  const second = await fixture.render(text, known)
  assert.deepEqual(
    second.calls.map(({ key }) => key),
    [A_KEY, '["SELECT ?",[["integer","1"]]]'],
  )
  const all = { ...known, '["SELECT ?",[["integer","1"]]]': settled({ columns: ['b'], rows: [[1], [2]] }) }
  assert.deepEqual(await fixture.outcome(text, all), { kind: 'output', text: '1152921504606846976 2' })
})

test('a result is handed over once, again when it is another, and forgotten', async (t) => {
  const fixture = new Fixture(t)
  const text = '<%= json(sql("SELECT a")) %>'
  const rows = (n: number): Outcome => ({ columns: ['a'], rows: [[n]] })
  const ask = async (value: Settled): Promise<string> => {
    const outcome = await fixture.outcome(text, { [A_KEY]: value })
    return outcome.kind === 'output' ? outcome.text : outcome.kind
  }
  assert.equal(await ask(settled(rows(1), 1)), '[{"a":1}]')
  assert.equal(await ask(settled(rows(2), 1)), '[{"a":1}]', 'the same revision is the same result')
  assert.equal(await ask(settled(rows(2), 2)), '[{"a":2}]')
  assert.equal((await fixture.outcome(text)).kind, 'incomplete', 'what it was not given is not shown')
  fixture.renderer.forget(A_KEY)
  assert.equal(await fixture.outcome(text).then(({ kind }) => kind), 'incomplete')
  assert.equal(await ask(settled(rows(2), 2)), '[{"a":2}]')
})

test('a refused query is an error of its line', async (t) => {
  const outcome = await new Fixture(t).outcome('\n<%= sql("SELECT a").length %>', {
    [A_KEY]: settled({ failure: 'no such column: a' }),
  })
  assert.ok(outcome.kind === 'failed')
  assert.match(outcome.failure.message, /no such column: a \(SELECT a\)/)
  assert.equal(outcome.failure.line, 2)
})

test('words of the outside: files, environment, members, time', async (t) => {
  const fixture = new Fixture(t, { SITE: 'ams' })
  const text =
    '<%= env("SITE") %> <%= env("NONE", "-") %> <%= file("a.eta").length > 9 %> <%= time(0) %> <%= it.v %>'
  assert.deepEqual(await fixture.outcome(text), {
    kind: 'output',
    text: 'ams - true 1970-01-01T00:00:00.000Z 1',
  })
  const members = await fixture.render('<% for (const m of members()) { %><%= m.tags.a %><% } %>')
  assert.match(members.calls[0]?.sql ?? '', /FROM patina_members/)
  const key = members.calls[0]?.key as string
  const rows = { [key]: settled({ columns: ['name', 'tags'], rows: [['n', '{"a":"b"}']] }) }
  assert.deepEqual(await fixture.outcome('<%= members()[0].tags.a %>', rows), { kind: 'output', text: 'b' })
  assert.equal((await fixture.outcome('<%= env("NONE") %>')).kind, 'failed')
})

test('two columns of one name, and parameters that are no values, are mistakes', async (t) => {
  const fixture = new Fixture(t)
  const twice = { [A_KEY]: settled({ columns: ['a', 'a'], rows: [[1, 2]] }) }
  for (const [text, known] of [
    ['<%= sql("SELECT a").length %>', twice],
    ['<%= sql("SELECT ?", [undefined]).length %>', {}],
    ['<%= sql("SELECT ?", [{}]).length %>', {}],
    ['<%= sql(" ").length %>', {}],
  ] as const)
    assert.equal((await fixture.outcome(text, known)).kind, 'failed', text)
})

test('rows may be sorted in place by one template and are not so for the next', async (t) => {
  const fixture = new Fixture(t)
  const known = { [A_KEY]: settled({ columns: ['a'], rows: [[2], [1]] }) }
  const text = '<%= sql("SELECT a").sort((x, y) => x.a - y.a)[0].a %><%= sql("SELECT a")[0].a %>'
  assert.deepEqual(await fixture.outcome(text, known), { kind: 'output', text: '12' })
  assert.equal((await fixture.outcome('<% sql("SELECT a")[0].a = 3 %>', known)).kind, 'failed')
})

test('queries and files of a render have a bound', async (t) => {
  const fixture = new Fixture(t)
  const calls = await fixture.outcome('<% for (let i = 0; i < 1001; i += 1) sql("SELECT ?", [i]) %>')
  // It lacked rows, so that its error counts for nothing; what it asked for is bounded all the same.
  assert.equal(calls.kind, 'incomplete')
  const answer = await fixture.render('<% for (let i = 0; i < 1500; i += 1) sql("SELECT ?", [i]) %>')
  assert.equal(answer.calls.length, 1_000)
  const files = await fixture.outcome(
    '<% for (let i = 0; i < 1001; i += 1) { try { file("none" + i) } catch (e) { if (/more than/.test(e)) throw e } } %>',
  )
  assert.ok(files.kind === 'failed')
  assert.match(files.failure.message, /more than 1000 files/)
})

test('a template that takes all memory costs its process', async (t) => {
  const fixture = new Fixture(t)
  const greedy = '<% const all = []; for (;;) all.push(new Array(100_000).fill(Math.random())) %>'
  const { outcome } = await fixture.render(greedy, {}, 60_000)
  assert.ok(outcome.kind === 'failed' && outcome.failure.stopped === true)
  assert.match(outcome.failure.message, /ended its process .* 64 MB/)
  assert.deepEqual(await fixture.outcome('ok'), { kind: 'output', text: 'ok' })
})

test('a renderer that is closed renders no more, and ends what renders', async (t) => {
  const fixture = new Fixture(t)
  const endless = fixture.render('<% for (;;) {} %>', {}, 60_000)
  setTimeout(() => fixture.renderer.close(), 300)
  const { outcome } = await endless
  assert.ok(outcome.kind === 'failed' && outcome.failure.stopped === true)
  assert.equal((await fixture.outcome('x')).kind, 'failed')
})

test('output has a bound', async (t) => {
  const outcome = await new Fixture(t).outcome('<%= "x".repeat(1001) %>')
  assert.ok(outcome.kind === 'failed')
  assert.match(outcome.failure.message, /1001 bytes/)
})

test('a template that never ends is stopped and told with its line; the next one renders', async (t) => {
  const fixture = new Fixture(t)
  const { outcome } = await fixture.render('a\nb <% for (;;) {} %>', {}, 100)
  assert.deepEqual(outcome, {
    kind: 'failed',
    failure: { message: 'it did not end within 100 ms', file: fixture.path, line: 2, stopped: true },
  })
  assert.deepEqual(await fixture.outcome('ok'), { kind: 'output', text: 'ok' })
})

test('one that ends its process, or sits where JavaScript is not stopped, costs that process', async (t) => {
  const fixture = new Fixture(t)
  const known = { [A_KEY]: settled({ columns: ['a'], rows: [[1]] }) }
  assert.equal((await fixture.outcome('<%= sql("SELECT a")[0].a %>', known)).kind, 'output')
  const ended = await fixture.outcome('<% process.exit(3) %>')
  assert.ok(ended.kind === 'failed' && ended.failure.stopped === true)
  assert.match(ended.failure.message, /exit code 3/)
  // Its successor has the results again.
  assert.deepEqual(await fixture.outcome('<%= sql("SELECT a")[0].a %>', known), { kind: 'output', text: '1' })
  const began = performance.now()
  const { outcome } = await fixture.render(
    '<% process.getBuiltinModule("child_process").spawnSync("sleep", ["20"]) %>',
    {},
    10,
  )
  assert.ok(outcome.kind === 'failed' && outcome.failure.stopped === true)
  assert.ok(performance.now() - began < 10_000)
  assert.deepEqual(await fixture.outcome('ok'), { kind: 'output', text: 'ok' })
})
