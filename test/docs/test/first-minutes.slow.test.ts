/** What the pages tell a new user to type, typed. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { objectionTo } from '../src/answer-shape.ts'
import { type FencedBlock, fencedBlocks } from '../src/fenced-blocks.ts'
import { ShellSession } from '../src/shell-session.ts'
import { type ShellStep, shellSteps } from '../src/shell-steps.ts'

function blocksOf(page: string, heading: string): FencedBlock[] {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8')
  return fencedBlocks(text).filter((block) => block.heading === heading)
}

/** What stands in all blocks of a language, but for those that say why they are not run. */
function textOf(blocks: readonly FencedBlock[], language: string): string {
  const found = blocks.filter((block) => block.language === language && block.notRun === undefined)
  assert.ok(found.length > 0, `no block of ${language}`)
  return found.map(({ text }) => text).join('')
}

async function typed(t: TestContext, files: Readonly<Record<string, string>>, block: string): Promise<void> {
  const session = await ShellSession.open()
  t.after(() => session.close())
  for (const [name, text] of Object.entries(files)) session.write(name, text)
  for (const { step, lines } of await session.run(shellSteps(block))) check(step, lines, session)
}

function check({ commands, shown }: ShellStep, lines: readonly string[], session: ShellSession): void {
  if (shown.length === 0) return
  assert.equal(lines.length, shown.length, `${commands}${lines.join('\n')}\n${session.log()}`)
  for (const [i, line] of shown.entries())
    assert.equal(objectionTo(line, lines[i] as string), undefined, commands)
}

test('README.md, first five minutes', async (t) => {
  const blocks = blocksOf('README.md', 'First five minutes')
  const files = { 'config.toml': textOf(blocks, 'toml'), 'schema.sql': textOf(blocks, 'sql') }
  await typed(t, files, textOf(blocks, 'sh'))
})

test('apps/agent/README.md, five minutes', async (t) => {
  await typed(t, {}, textOf(blocksOf('apps/agent/README.md', 'Five minutes'), 'sh'))
})
