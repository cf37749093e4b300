import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { EtaTemplates, TemplateError } from './eta-templates.ts'
import type { RenderFailure } from './render-message.ts'

class Fixture {
  readonly folder: string
  readonly templates = new EtaTemplates()

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'patina-eta-'))
    t.after(() => rmSync(this.folder, { recursive: true, force: true }))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  render(text: string, values: object = {}): string {
    writeFileSync(this.path('main.eta'), text)
    return this.templates.renderFile(this.path('main.eta'), values)
  }

  failure(text: string): RenderFailure {
    try {
      this.render(text)
    } catch (cause) {
      assert.ok(cause instanceof TemplateError, String(cause))
      return cause.failure
    }
    return assert.fail('it rendered')
  }

  /** Line and message of what it fails with. */
  place(text: string): string {
    const { line, message } = this.failure(text)
    return `${line} ${message}`
  }
}

test('code that has its lines for itself leaves none; output keeps them', (t) => {
  const fixture = new Fixture(t)
  const loop = '<% for (const n of [1, 2]) { %>\n  n <%= n %>\n  <% } %>\nend <% if (true) { %>yes<% } %>\n'
  assert.equal(fixture.render(loop), '  n 1\n  n 2\nend yes\n')
  assert.equal(fixture.render('<% let a = 1 %>\n<%\n a += 1\n%>\n<% a += 1 %>\n<%= a %>\n<%= a %>'), '3\n3')
  assert.equal(fixture.render('a\n<% %>'), 'a\n')
  assert.equal(fixture.render('a <% %>\nb'), 'a \nb')
  assert.equal(fixture.render('<% %> a\n'), ' a\n')
  assert.equal(fixture.render('<% %><% %>\na'), '\na')
})

test('text is not touched: quotes, backslashes, tags of XML', (t) => {
  const fixture = new Fixture(t)
  const text = "a 'b' \\n \\\\ `c` $d & <x>\r\n\n\t\\\n"
  assert.equal(fixture.render(text), text.replace('\r\n', '\n'))
  assert.equal(fixture.render('x\\n<% %>\ny'), 'x\\n\ny')
  assert.equal(fixture.render('<%= "<&>" %>'), '<&>')
})

const PIECES = [
  'a',
  'n',
  '\\',
  "'",
  '"',
  '`',
  '$',
  '{',
  '}',
  '\n',
  '\t',
  ' ',
  '<',
  '%',
  '>',
  '-',
  '_',
  '\u2028',
  'é',
  '😀',
]

test('any text without tags is its own output', (t) => {
  const fixture = new Fixture(t)
  const text = fc
    .array(fc.constantFrom(...PIECES))
    .map((pieces) => pieces.join(''))
    .filter((joined) => !joined.includes('<%'))
  fc.assert(
    fc.property(text, (given) => assert.equal(fixture.render(given), given)),
    { numRuns: 50 },
  )
})

test('lines of code between lines of text leave the text', (t) => {
  const fixture = new Fixture(t)
  const textLine = fc
    .array(fc.constantFrom(...PIECES.filter((piece) => !/[\n<%]/.test(piece))))
    .map((all) => all.join(''))
  const codeLine = fc.constantFrom(
    '<% %>',
    '  <% let x = 1 %>\t',
    '<% {} %>',
    '<% /* a\n b */ %>',
    '<%\n\n%>',
  )
  const lines = fc.array(
    fc.oneof(
      textLine.map((line) => ({ line, text: true })),
      codeLine.map((line) => ({ line, text: false })),
    ),
  )
  fc.assert(
    fc.property(lines, (given) => {
      // One `let` for each scope.
      const source = given.map(({ line }, i) => `${line.replace('x', `x${i}`)}\n`).join('')
      const output = given
        .map(({ line, text }, i) => (text ? `${line.replace('x', `x${i}`)}\n` : ''))
        .join('')
      assert.equal(fixture.render(source), output)
    }),
    { numRuns: 50 },
  )
})

test('errors say the line of the template', (t) => {
  const fixture = new Fixture(t)
  assert.equal(fixture.place('a\nb <%= nope %>'), '2 ReferenceError: nope is not defined')
  assert.match(fixture.place('a\n<% let if = 1 %>\nb\nc\n'), /^2 SyntaxError/)
  assert.match(fixture.place('a\n<% f(1, %>\n'), /^2 SyntaxError/)
  assert.match(
    fixture.place('a\n<%\n\n  f()\n  function f() {\n\n    throw new Error("deep")\n  }\n%>'),
    /^7 deep/,
  )
  assert.match(fixture.place('<%\n\n\n nope() %>'), /^4 /)
  assert.match(
    fixture.place('a\n<% [1].map((n) => { %>\nx\n<%= undefined %>\n<% }) %>'),
    /^4 TypeError: undefined/,
  )
  assert.match(fixture.place("a\nb\n<% it's %>"), /^3 unclosed string/)
  assert.match(fixture.place('a\n<% if (1) {'), /^2 unclosed tag/)
  assert.match(fixture.place('<% throw "text" %>'), /^1 text/)
})

test('a statement that begins with a bracket is not glued to what stands before it', (t) => {
  assert.equal(new Fixture(t).render('<% [1, 2].forEach((n) => { %><%= n %><% }) %>'), '12')
})

test('a typo is an error and no global variable', (t) => {
  assert.match(new Fixture(t).place('<% x = 1 %>'), /^1 ReferenceError/)
})

test('includes and layouts are relative to their file, and errors in them are theirs', (t) => {
  const fixture = new Fixture(t)
  mkdirSync(fixture.path('parts'))
  writeFileSync(fixture.path('parts/a.eta'), '[<%= it.name %> <%~ include("./b.txt", { n: 1 }) %>]')
  writeFileSync(fixture.path('parts/b.txt'), '<%= it.name %><%= it.n %>')
  assert.equal(fixture.render('<%~ include("parts/a") %>', { name: 'x' }), '[x x1]')
  const read = fixture.templates.files().map(({ path }) => path)
  assert.deepEqual(
    read,
    ['main.eta', 'parts/a.eta', 'parts/b.txt'].map((name) => fixture.path(name)),
  )
  writeFileSync(fixture.path('parts/b.txt'), '\n\n<%= nope %>')
  assert.deepEqual(fixture.failure('<%~ include("parts/a", { name: 1 }) %>'), {
    message: 'ReferenceError: nope is not defined',
    file: fixture.path('parts/b.txt'),
    line: 3,
  })
})

test('a file that is missing is told, and is among those to be watched', (t) => {
  const fixture = new Fixture(t)
  assert.match(fixture.place('\n<%~ include("nowhere") %>'), /^2 ENOENT/)
  assert.deepEqual(fixture.templates.files().at(-1), { path: fixture.path('nowhere.eta'), stamp: null })
})

test('the digest changes with the texts of the templates alone', (t) => {
  const fixture = new Fixture(t)
  const digests = new Set<string>()
  for (const [text, values] of [
    ['<%= it.a %>', { a: 1 }],
    ['<%= it.a %>', { a: 2 }],
    ['<%= it.a %>!', { a: 1 }],
  ] as const) {
    fixture.render(text, values)
    digests.add(fixture.templates.digest())
  }
  assert.equal(digests.size, 2)
})
