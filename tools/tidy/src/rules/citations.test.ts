import assert from 'node:assert/strict'
import test from 'node:test'
import { sampleRepository } from '../sample-repository.ts'
import { citations } from './citations.ts'

const PAGES = {
  'docs/protocol.md': '# Wire\n\n## Limits and why\n',
  'packages/swim/README.md': '# swim\n',
  'docs/adr/0005-checksum.md': '# 0005\n',
}

function messages(source: string): string[] {
  const repository = sampleRepository([{ folder: 'packages/swim', files: { 'src/a.ts': source } }], PAGES)
  return citations.check(repository).map(({ line, message }) => `${line} ${message}`)
}

test('pages, quoted headings and decisions that are there', () => {
  assert.deepEqual(
    messages(
      '/**\n * See docs/protocol.md,\n * "Limits and why", and README.md (ADR 0005).\n */\nexport const a = 1\n',
    ),
    [],
  )
})

test('a page that is not there, by its name or by another folder', () => {
  assert.match(messages('\n// as replication.md says')[0] ?? '', /^2 cites replication\.md/)
  assert.match(messages('// see protocol.md')[0] ?? '', /cites protocol\.md/)
})

test('a heading that is not there', () => {
  assert.match(messages('// docs/protocol.md, "Limits"')[0] ?? '', /no heading of docs\/protocol\.md/)
})

test('a decision that is not there', () => {
  assert.match(messages('const a = 1 // ADR 0099')[0] ?? '', /cites ADR 0099/)
})

test('what strings name is not a citation', () => {
  assert.deepEqual(messages("const page = 'nowhere.md' // docs/*.md\n"), [])
})
