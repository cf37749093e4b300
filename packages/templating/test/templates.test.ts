/** Templates of a set, from a source in memory to files on disk, with real commands and the real renderer. */
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { millis } from '@patina/base'
import { TEMPLATE_DEFAULTS, type TemplateJob } from '../src/core/template-job.ts'
import type { SourceEvent } from '../src/live-result.ts'
import { recordPath } from '../src/render-record.ts'
import type { TemplateEvent } from '../src/template-runner.ts'
import { TemplateSet } from '../src/template-set.ts'
import { FakeSource } from './fake-source.ts'

const STEP_MS = 10_000

class Fixture {
  readonly folder: string
  readonly source = new FakeSource()
  readonly events: (TemplateEvent & { readonly to: string })[] = []
  readonly sourceEvents: SourceEvent[] = []
  #set: TemplateSet

  constructor(t: TestContext, mode: 'live' | 'once' = 'live') {
    this.folder = mkdtempSync(join(tmpdir(), 'patina-templates-'))
    this.#set = this.#newSet(mode)
    t.after(async () => {
      await this.#set.close()
      rmSync(this.folder, { recursive: true, force: true })
    })
  }

  get set(): TemplateSet {
    return this.#set
  }

  /** As when the process is ended and started again. */
  async restart(): Promise<void> {
    await this.#set.close()
    this.#set = this.#newSet('live')
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text)
  }

  text(name: string): string | undefined {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : undefined
  }

  job(source: string, changes: Partial<TemplateJob> = {}): TemplateJob {
    return {
      ...TEMPLATE_DEFAULTS,
      wait: { quietMs: millis(5), ceilingMs: millis(50) },
      source: this.path(source),
      destination: this.path(`${source}.out`),
      command: [],
      ...changes,
    }
  }

  async until<T>(what: string, probe: () => T | undefined | false): Promise<T> {
    const deadline = performance.now() + STEP_MS
    for (;;) {
      const found = probe()
      if (found !== undefined && found !== false) return found as T
      if (performance.now() > deadline)
        throw new Error(
          `${what}: not in time\n${this.events.map((event) => JSON.stringify(event)).join('\n')}`,
        )
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  untilText(name: string, text: string): Promise<unknown> {
    return this.until(`${name} is ${JSON.stringify(text)}`, () => this.text(name) === text)
  }

  untilEvent<K extends TemplateEvent['kind']>(
    kind: K,
    from = 0,
  ): Promise<Extract<TemplateEvent, { kind: K }>> {
    return this.until(kind, () => this.events.slice(from).find((event) => event.kind === kind) as never)
  }

  #newSet(mode: 'live' | 'once'): TemplateSet {
    return new TemplateSet({
      source: this.source,
      mode,
      environment: { PATH: process.env.PATH },
      onEvent: ({ destination }, event) => this.events.push({ ...event, to: destination }),
      onSource: (event) => this.sourceEvents.push(event),
    })
  }
}

const LIST = '<% for (const { a } of sql("SELECT a")) { %>\n<%= a %>\n<% } %>\n'

test('a file follows its rows; two templates share a query; what is gone is not followed', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['x'], ['y']])
  fixture.write('one', LIST)
  fixture.write('two', `# two\n${LIST}`)
  await fixture.set.apply([fixture.job('one'), fixture.job('two')])
  await fixture.untilText('one.out', 'x\ny\n')
  await fixture.untilText('two.out', '# two\nx\ny\n')
  assert.deepEqual(fixture.source.watched, ['SELECT a'])
  fixture.source.put('SELECT a', [['x'], ['z']])
  await fixture.untilText('one.out', 'x\nz\n')
  await fixture.untilText('two.out', '# two\nx\nz\n')
  await fixture.set.apply([fixture.job('two')])
  fixture.source.put('SELECT a', [['x'], ['w']])
  await fixture.untilText('two.out', '# two\nw\nx\n')
  assert.equal(fixture.text('one.out'), 'x\nz\n')
  await fixture.set.apply([])
  assert.equal(fixture.set.queries.followed, 0)
  await fixture.until('nobody watches', () => fixture.source.watchers === 0)
})

test('a query that another template has asked for is followed by this one too', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['x']])
  fixture.write('one', LIST)
  fixture.write('two', LIST)
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilText('one.out', 'x\n')
  await fixture.set.apply([fixture.job('one'), fixture.job('two')])
  await fixture.untilText('two.out', 'x\n')
  await fixture.set.apply([fixture.job('two')])
  fixture.source.put('SELECT a', [['y']])
  await fixture.untilText('two.out', 'y\n')
})

test('equal rows in another order write nothing; a burst is one render', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['x'], ['y']])
  fixture.write('one', LIST)
  await fixture.set.apply([fixture.job('one', { wait: { quietMs: millis(300), ceilingMs: millis(10_000) } })])
  await fixture.untilText('one.out', 'x\ny\n')
  const from = fixture.events.length
  fixture.source.put('SELECT a', [['y'], ['x']])
  await fixture.untilEvent('unchanged', from)
  const before = fixture.events.filter(({ kind }) => kind === 'rendered').length
  for (let i = 0; i < 20; i += 1) {
    fixture.source.put('SELECT a', [[i], ['x']])
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await fixture.untilText('one.out', '19\nx\n')
  assert.equal(fixture.events.filter(({ kind }) => kind === 'rendered').length, before + 1)
})

test('rows of a query with an order are read anew, in that order', async (t) => {
  const fixture = new Fixture(t)
  const sql = 'SELECT a FROM t ORDER BY b'
  fixture.source.put(sql, [['z'], ['a']])
  fixture.write('one', LIST.replace('SELECT a', sql))
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilText('one.out', 'z\na\n')
  fixture.source.put(sql, [['b'], ['z'], ['a']])
  await fixture.untilText('one.out', 'b\nz\na\n')
})

test('queries that depend on rows of others are found, and let go', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['1'], ['2']])
  for (const n of [1, 2, 3]) fixture.source.put(`SELECT ${n}`, [[`row ${n}`]])
  fixture.write(
    'one',
    '<% for (const { a } of sql("SELECT a")) { %>\n<%= sql("SELECT " + a)[0].a %>\n<% } %>\n',
  )
  await fixture.set.apply([fixture.job('one', { guard: undefined })])
  await fixture.untilText('one.out', 'row 1\nrow 2\n')
  assert.equal(fixture.set.queries.followed, 3)
  fixture.source.put('SELECT a', [['3']])
  await fixture.untilText('one.out', 'row 3\n')
  await fixture.until('others are let go', () => fixture.set.queries.followed === 2)
})

test('a broken template keeps the last file, says where, and is healed by an edit', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['x']])
  fixture.write('one', LIST)
  fixture.write('two', LIST)
  await fixture.set.apply([fixture.job('one'), fixture.job('two')])
  await fixture.untilText('one.out', 'x\n')
  fixture.write('one', `a\n\n<%= nope %>\n${LIST}`)
  const { failure } = await fixture.untilEvent('failed')
  assert.deepEqual(failure, {
    message: 'ReferenceError: nope is not defined',
    file: fixture.path('one'),
    line: 3,
  })
  fixture.source.put('SELECT a', [['y']])
  await fixture.untilText('two.out', 'y\n')
  assert.equal(fixture.text('one.out'), 'x\n')
  fixture.write('one', `# healed\n${LIST}`)
  await fixture.untilText('one.out', '# healed\ny\n')
})

test('a template that never ends is stopped, rests, and holds up no other', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['x']])
  fixture.write('one', `<% for (;;) {} %>${LIST}`)
  fixture.write('two', LIST)
  await fixture.set.apply([fixture.job('one', { renderTimeoutMs: millis(50) }), fixture.job('two')])
  const { failure } = await fixture.untilEvent('failed')
  assert.equal(failure.stopped, true)
  await fixture.untilText('two.out', 'x\n')
  assert.equal(fixture.text('one.out'), undefined)
})

test('one that was stopped by chance renders again by itself', async (t) => {
  const fixture = new Fixture(t)
  fixture.write('one', '<% if (file("go").trim() === "no") process.exit(1) %>\nok\n')
  fixture.write('go', 'no')
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilEvent('failed')
  // Where its process ended nobody has told which files it read, so that no change of one wakes it.
  fixture.write('go', 'yes')
  await fixture.untilText('one.out', 'ok\n')
})

test('a template that asks for something else each time is given up, and does not follow ever more', async (t) => {
  const fixture = new Fixture(t)
  for (let n = 0; n < 200; n += 1) fixture.source.put(`SELECT ${n}`, [['x']])
  fixture.write('one', '<% globalThis.n = (globalThis.n ?? 0) + 1 %><% sql("SELECT " + globalThis.n) %>')
  await fixture.set.apply([fixture.job('one')])
  const { failure } = await fixture.untilEvent('failed')
  assert.match(failure.message, /each of 32 renders asked for something new/)
  await fixture.until('it is tried again', () => fixture.source.watched.length > 32)
  assert.ok(fixture.set.queries.followed <= 33, `${fixture.set.queries.followed} queries`)
})

test('a refused query is told, and answered when the source knows it', async (t) => {
  const fixture = new Fixture(t)
  fixture.write('one', LIST)
  await fixture.set.apply([fixture.job('one')])
  const { failure } = await fixture.untilEvent('failed')
  assert.match(failure.message, /no such table/)
  assert.equal(failure.line, 1)
  fixture.source.put('SELECT a', [['x']])
  await fixture.untilText('one.out', 'x\n')
})

test('while the source is away the file stays; when it is back the file follows', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['x']])
  fixture.write('one', LIST)
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilText('one.out', 'x\n')
  fixture.source.away = true
  fixture.source.wake()
  await fixture.until('the loss is told', () => fixture.sourceEvents.at(-1)?.kind === 'source-lost')
  assert.equal(fixture.text('one.out'), 'x\n')
  assert.deepEqual(fixture.set.queries, { followed: 1, stale: 1 })
  fixture.source.away = false
  fixture.source.put('SELECT a', [['y']])
  await fixture.untilText('one.out', 'y\n')
  assert.equal(fixture.set.queries.stale, 0)
  assert.deepEqual(
    fixture.sourceEvents.map(({ kind }) => kind),
    ['source-lost', 'source-back'],
  )
})

test('an include and a file are part of the template: an edit renders again', async (t) => {
  const fixture = new Fixture(t)
  fixture.write('part.eta', 'part <%= it.n %>\n')
  fixture.write('motd', 'hello')
  fixture.write('one', '<%~ include("part", { n: 1 }) %><%= file("motd") %> <%= it.domain %>\n')
  await fixture.set.apply([fixture.job('one', { values: { domain: 'example' } })])
  await fixture.untilText('one.out', 'part 1\nhello example\n')
  fixture.write('part.eta', 'PART <%= it.n %>\n')
  await fixture.untilText('one.out', 'PART 1\nhello example\n')
  fixture.write('motd', 'bye')
  await fixture.untilText('one.out', 'PART 1\nbye example\n')
  rmSync(fixture.path('part.eta'))
  const { failure } = await fixture.untilEvent('failed')
  assert.match(failure.message, /part\.eta/)
  assert.equal(fixture.text('one.out'), 'PART 1\nbye example\n')
  fixture.write('part.eta', 'again\n')
  await fixture.untilText('one.out', 'again\nbye example\n')
})

test('mode, backup and environment of a job', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['x']])
  fixture.write('one', LIST)
  const command = ['sh', '-c', `echo "$WHERE" > ${fixture.path('said')}`]
  const job = fixture.job('one', { mode: 0o640, backup: true, environment: { WHERE: 'here' }, command })
  await fixture.set.apply([job])
  await fixture.untilText('said', 'here\n')
  assert.equal(statSync(job.destination).mode & 0o777, 0o640)
  fixture.source.put('SELECT a', [['y']])
  await fixture.untilText('one.out', 'y\n')
  assert.equal(fixture.text('one.out.bak'), 'x\n')
})

test('under constant change a file is written at the ceiling', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [[0]])
  fixture.write('one', LIST)
  await fixture.set.apply([fixture.job('one', { wait: { quietMs: millis(5_000), ceilingMs: millis(100) } })])
  await fixture.untilText('one.out', '0\n')
  let n = 0
  const changing = setInterval(() => {
    n += 1
    fixture.source.put('SELECT a', [[n]])
  }, 10)
  t.after(() => clearInterval(changing))
  const from = fixture.events.length
  await fixture.until('three more writes', () => {
    return fixture.events.slice(from).filter(({ kind }) => kind === 'written').length >= 3
  })
})

test('an ordered query that cannot be read is told, and read when the source is back', async (t) => {
  const fixture = new Fixture(t)
  const sql = 'SELECT a ORDER BY a'
  fixture.source.put(sql, [['x']])
  fixture.write('one', LIST.replace('SELECT a', sql))
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilText('one.out', 'x\n')
  fixture.source.readFails = true
  fixture.source.put(sql, [['y']])
  const { failure } = await fixture.untilEvent('failed')
  assert.match(failure.message, /cannot be read/)
  assert.equal(fixture.text('one.out'), 'x\n')
  fixture.source.readFails = false
  await fixture.untilText('one.out', 'y\n')
})

test('templates with equal commands that change together share a run', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['x']])
  const command = ['sh', '-c', `echo ran >> ${fixture.path('log')}; sleep 0.3`]
  const names = ['one', 'two', 'three', 'four']
  for (const name of names) fixture.write(name, LIST)
  await fixture.set.apply(names.map((name) => fixture.job(name, { command })))
  await fixture.until(
    'all have run',
    () => fixture.events.filter(({ kind }) => kind === 'command').length === 4,
  )
  assert.ok((fixture.text('log') ?? '').split('ran').length - 1 < 4)
})

const TEN = [...'abcdefghij'].map((a) => [a])
const TEN_LINES = `${TEN.join('\n')}\n`

test('T-C1 for files: what is published again unchanged writes nothing and runs nothing', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', TEN)
  fixture.write('one', LIST)
  await fixture.set.apply([fixture.job('one', { command: ['true'] })])
  await fixture.untilEvent('command')
  for (let i = 0; i < 20; i += 1) {
    const from = fixture.events.length
    fixture.source.put('SELECT a', [...TEN])
    await fixture.untilEvent('unchanged', from)
  }
  const counts = Map.groupBy(fixture.events, ({ kind }) => kind)
  assert.equal(counts.get('written')?.length, 1)
  assert.equal(counts.get('command')?.length, 1)
})

test('a mass deletion is held; an operator lets it through', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', TEN)
  fixture.write('one', LIST)
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilText('one.out', TEN_LINES)
  assert.equal(fixture.set.release(), 0)
  fixture.source.put('SELECT a', [['a']])
  const { shrunk } = await fixture.untilEvent('held')
  assert.deepEqual(shrunk, [{ name: 'SELECT a', from: 10, to: 1 }])
  fixture.source.put('SELECT a', [])
  const from = fixture.events.length
  await fixture.untilEvent('rendered', from)
  assert.equal(fixture.text('one.out'), TEN_LINES)
  assert.equal(fixture.set.release(), 1)
  await fixture.untilText('one.out', '')
  assert.equal(fixture.events.filter(({ kind }) => kind === 'held').length, 1, 'told once')
})

test('T-C3 for files: what comes back in time was never gone', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', TEN)
  fixture.write('one', LIST)
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilText('one.out', TEN_LINES)
  fixture.source.put('SELECT a', [])
  await fixture.untilEvent('held')
  const from = fixture.events.length
  fixture.source.put('SELECT a', [...TEN])
  await fixture.untilEvent('unchanged', from)
  assert.equal(fixture.events.filter(({ kind }) => kind === 'written').length, 1)
})

test('what stands for the time of the hold is written without another change', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', TEN)
  fixture.write('one', LIST)
  await fixture.set.apply([fixture.job('one', { guard: { maxShrink: 0.8, holdMs: millis(300) } })])
  await fixture.untilText('one.out', TEN_LINES)
  fixture.source.put('SELECT a', [])
  await fixture.untilEvent('held')
  await fixture.untilText('one.out', '')
  await fixture.untilEvent('let-through')
})

test('a restart does not forget what the guard compares with; an edit of the template may ask for less', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', TEN)
  fixture.write('one', LIST)
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilText('one.out', TEN_LINES)
  fixture.source.put('SELECT a', [])
  await fixture.restart()
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilEvent('held')
  assert.equal(fixture.text('one.out'), TEN_LINES)
  fixture.source.put('SELECT b', [['b']])
  fixture.write('one', LIST.replace('SELECT a', 'SELECT b'))
  await fixture.untilText('one.out', 'b\n')
})

test('one row of many queries of one text may go at once; all of them not', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', TEN)
  const text = '<% for (const { a } of sql("SELECT a")) { %>\n<%= sql("SELECT ?", [a]).length %>\n<% } %>\n'
  fixture.source.put('SELECT ?', [['x']])
  fixture.write('one', text)
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilText('one.out', '1\n'.repeat(10))
  fixture.source.put('SELECT a', TEN.slice(1))
  await fixture.untilText('one.out', '1\n'.repeat(9))
})

test('a query may be left out of the guard', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', TEN)
  fixture.write('one', '<%= sql("SELECT a", [], { maxShrink: false }).length %>\n')
  await fixture.set.apply([fixture.job('one')])
  await fixture.untilText('one.out', '10\n')
  fixture.source.put('SELECT a', [])
  await fixture.untilText('one.out', '0\n')
})

test('a command that fails is tried again; after a restart it is still due', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['x']])
  fixture.write('one', LIST)
  const job = fixture.job('one', { command: ['sh', '-c', `test -e ${fixture.path('ready')}`] })
  await fixture.set.apply([job])
  const { outcome } = await fixture.untilEvent('command')
  assert.deepEqual(outcome.end, { kind: 'exit', code: 1 })
  assert.equal(fixture.text('one.out'), 'x\n')
  await fixture.restart()
  const from = fixture.events.length
  fixture.write('ready', '')
  await fixture.set.apply([job])
  const again = await fixture.untilEvent('command', from)
  assert.deepEqual(again.outcome.end, { kind: 'exit', code: 0 })
  assert.ok(!fixture.events.slice(from).some(({ kind }) => kind === 'written'))
  await fixture.until('it is done', () =>
    readFileSync(recordPath(job.destination), 'utf8').includes('"commandDue": false'),
  )
})

test('a destination that cannot be written is told, and tried again', async (t) => {
  const fixture = new Fixture(t)
  fixture.source.put('SELECT a', [['x']])
  fixture.write('one', LIST)
  mkdirSync(fixture.path('one.out'))
  await fixture.set.apply([fixture.job('one')])
  const { failure } = await fixture.untilEvent('failed')
  assert.match(failure.message, /is no file/)
  rmSync(fixture.path('one.out'), { recursive: true })
  await fixture.untilText('one.out', 'x\n')
})

test('once: written, held, confirmed; the source away is an error', async (t) => {
  const fixture = new Fixture(t, 'once')
  fixture.source.put('SELECT a', TEN)
  fixture.write('one', LIST)
  const job = fixture.job('one', { command: ['true'] })
  const { signal } = new AbortController()
  const once = (confirm = false): Promise<boolean> => fixture.set.runner(job).once(signal, confirm)
  assert.equal(await once(), true)
  assert.equal(fixture.text('one.out'), TEN_LINES)
  fixture.source.put('SELECT a', [])
  assert.equal(await once(), false)
  assert.equal(fixture.text('one.out'), TEN_LINES)
  assert.equal(await once(true), true)
  assert.equal(fixture.text('one.out'), '')
  fixture.source.away = true
  await assert.rejects(once(), /nobody answers/)
  assert.deepEqual(fixture.source.watched, [], 'nothing is followed')
  fixture.source.away = false
  fixture.source.put('SELECT a', [['x']])
  assert.deepEqual(await fixture.set.runner(job).renderOnly(signal), 'x\n')
  assert.equal(fixture.text('one.out'), '')
  assert.equal(await fixture.set.runner({ ...job, command: ['false'] }).once(signal, false), false)
})

test('without guard and command nothing lies beside the file', async (t) => {
  const fixture = new Fixture(t, 'once')
  fixture.source.put('SELECT a', [])
  fixture.write('one', LIST)
  mkdirSync(fixture.path('out'))
  const job = fixture.job('one', { destination: fixture.path('out/file'), guard: undefined })
  assert.equal(await fixture.set.runner(job).once(new AbortController().signal, false), true)
  assert.deepEqual(readdirSync(fixture.path('out')), ['file'])
})
