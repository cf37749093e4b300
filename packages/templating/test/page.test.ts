/** docs/templates.md lists every word that templates have, and no other. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { EtaTemplates } from '../src/eta-templates.ts'
import { RenderWords } from '../src/render-words.ts'

const PAGE = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8')

test('words of templates', () => {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith('The language\n')) ?? ''
  const cells = [...section.matchAll(/^\| (`.+?) +\|/gm)].map(([, cell]) => cell as string)
  const listed = cells.flatMap((cell) =>
    [...cell.matchAll(/`(?:` )?(\w+)(?:\(|`SELECT)/g)].map(([, word]) => word),
  )
  const known = Object.keys(new RenderWords(new EtaTemplates()).globals())
  assert.deepEqual([...new Set(listed)].sort(), known.sort())
})
