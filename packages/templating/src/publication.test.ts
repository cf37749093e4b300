import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { instant, millis } from '@patina/base'
import { Commands } from './command.ts'
import { TEMPLATE_DEFAULTS, type TemplateJob } from './core/template-job.ts'
import { Publication, type PublicationEvent, type Rendered } from './publication.ts'
import { recordPath, writeRecord } from './render-record.ts'

class Fixture {
  readonly folder: string
  readonly destination: string
  readonly events: PublicationEvent[] = []
  nowMs = 0

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'patina-publication-'))
    this.destination = join(this.folder, 'app.conf')
    t.after(() => rmSync(this.folder, { recursive: true, force: true }))
  }

  open(changes: Partial<TemplateJob> = {}): Promise<Publication> {
    const { destination } = this
    const job = { ...TEMPLATE_DEFAULTS, source: 's', destination, command: ['true'], ...changes }
    return Publication.open(job, {
      commands: new Commands({ PATH: process.env.PATH }),
      now: () => instant(this.nowMs),
      onEvent: (event) => this.events.push(event),
    })
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind)
  }
}

function rendered(text: string, size = 1): Rendered {
  return { text, measures: new Map([['q', { size }]]), digest: 'd' }
}

test('a crash before the content, or behind it: the command runs once the file is there', async (t) => {
  // The record is written first, so these are all the states that a crash can leave.
  for (const [before, file, kinds] of [
    ['before the content', 'old', ['written', 'command']],
    ['behind the content', 'new', ['unchanged', 'command']],
  ] as const) {
    const fixture = new Fixture(t)
    await writeRecord(fixture.destination, { digest: 'd', sizes: new Map([['q', 1]]), commandDue: true })
    writeFileSync(fixture.destination, file)
    writeFileSync(join(fixture.folder, '.app.conf.0123456789abcdef.tmp'), 'half')
    const publication = await fixture.open()
    assert.deepEqual(await publication.publish(rendered('new')), { kind: 'current' })
    assert.equal(publication.isCommandDue, true, before)
    assert.equal(await publication.runCommand(), true)
    assert.equal(publication.isCommandDue, false)
    assert.deepEqual(fixture.kinds(), kinds)
    assert.deepEqual(readdirSync(fixture.folder).sort(), ['.app.conf.patina', 'app.conf'])
  }
})

test('the record is there before the content', async (t) => {
  const fixture = new Fixture(t)
  // Nobody can write the content here.
  mkdirSync(fixture.destination)
  const publication = await fixture.open()
  await assert.rejects(publication.publish(rendered('new')), /is no file/)
  rmSync(fixture.destination, { recursive: true })
  mkdirSync(join(fixture.folder, 'locked'))
  const other = await fixture.open({ backup: true })
  await other.publish(rendered('one'))
  mkdirSync(`${fixture.destination}.bak`)
  await other.runCommand()
  await assert.rejects(other.publish(rendered('two')))
  assert.match(readFileSync(recordPath(fixture.destination), 'utf8'), /"commandDue": true/)
  assert.equal(readFileSync(fixture.destination, 'utf8'), 'one')
})

test('a command that failed is due, also where the next content is equal', async (t) => {
  const fixture = new Fixture(t)
  const publication = await fixture.open({ command: ['false'] })
  await publication.publish(rendered('x'))
  assert.equal(await publication.runCommand(), false)
  await publication.publish(rendered('x'))
  assert.equal(publication.isCommandDue, true)
})

test('a file that a template had before it is not due for its command', async (t) => {
  const fixture = new Fixture(t)
  writeFileSync(fixture.destination, 'x')
  const publication = await fixture.open()
  await publication.publish(rendered('x'))
  assert.equal(publication.isCommandDue, false)
})

test('a held file says until when, and is told once until it passed', async (t) => {
  const fixture = new Fixture(t)
  const publication = await fixture.open({ guard: { maxShrink: 0.5, holdMs: millis(100) } })
  await publication.publish(rendered('x', 10))
  fixture.nowMs = 10
  assert.deepEqual(await publication.publish(rendered('y', 2)), { kind: 'held', until: 110 })
  fixture.nowMs = 50
  assert.deepEqual(await publication.publish(rendered('z', 1)), { kind: 'held', until: 110 })
  assert.equal(readFileSync(fixture.destination, 'utf8'), 'x')
  fixture.nowMs = 110
  assert.deepEqual(await publication.publish(rendered('z', 1)), { kind: 'current' })
  assert.equal(readFileSync(fixture.destination, 'utf8'), 'z')
  assert.deepEqual(fixture.kinds(), ['written', 'held', 'let-through', 'written'])
})

test('other queries are no shrinkage where the template is another', async (t) => {
  const fixture = new Fixture(t)
  const publication = await fixture.open({ command: [] })
  await publication.publish(rendered('x', 10))
  const edited = { text: 'y', measures: new Map([['other', { size: 1 }]]), digest: 'edited' }
  assert.deepEqual(await publication.publish(edited), { kind: 'current' })
  const less = { ...edited, text: 'z', measures: new Map([['other', { size: 0 }]]) }
  assert.equal((await publication.publish(less)).kind, 'held')
})

test('without guard and command there is no record', async (t) => {
  const fixture = new Fixture(t)
  const publication = await fixture.open({ command: [], guard: undefined })
  await publication.publish(rendered('x', 10))
  await publication.publish(rendered('', 0))
  assert.equal(existsSync(recordPath(fixture.destination)), false)
})
