/** Types what a page says into a shell and compares its answers with those that the page promises. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { objectionTo } from './answer-shape.ts'
import { type FencedBlock, fencedBlocks } from './fenced-blocks.ts'
import type { ShellSession } from './shell-session.ts'
import { type ShellStep, shellSteps } from './shell-steps.ts'

/** All blocks of a page, a path in this repository, or those below one heading. */
export function blocksOf(page: string, heading?: string): FencedBlock[] {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8')
  return fencedBlocks(text).filter((block) => heading === undefined || block.heading === heading)
}

/** What stands in all blocks of a language, but for those that say why they are not run. */
export function textOf(blocks: readonly FencedBlock[], language: string): string {
  const found = blocks.filter((block) => block.language === language && block.notRun === undefined)
  assert.ok(found.length > 0, `no block of ${language}`)
  return found.map(({ text }) => text).join('')
}

/** Rejects with the first answer that is not as shown. */
export async function typeInto(session: ShellSession, block: string): Promise<void> {
  for (const { step, lines } of await session.run(shellSteps(block))) check(step, lines, session)
}

function check({ commands, shown }: ShellStep, lines: readonly string[], session: ShellSession): void {
  if (shown.length === 0) return
  assert.equal(lines.length, shown.length, `${commands}${lines.join('\n')}\n${session.log()}`)
  for (const [i, line] of shown.entries())
    assert.equal(objectionTo(line, lines[i] as string), undefined, commands)
}
