/** The TypeScript blocks of all packages' READMEs are programs that run and print what they promise. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { brokenPromise } from '../src/console-lines.ts'
import { fencedBlocks } from '../src/fenced-blocks.ts'
import { runExample } from '../src/readme-example.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PAGES = globSync('{packages,apps,test,tools}/*/README.md', { cwd: ROOT }).sort()

for (const page of PAGES)
  for (const { language, line, text, notRun } of fencedBlocks(readFileSync(join(ROOT, page), 'utf8'))) {
    if (language !== 'ts' || notRun !== undefined) continue
    test(`${page}, line ${line}`, () => {
      const { status, stdout, stderr } = runExample(text, join(ROOT, dirname(page)))
      assert.equal(status, 0, `${stdout}\n${stderr}`)
      assert.equal(stderr, '')
      assert.equal(brokenPromise(text, stdout), undefined, stdout)
    })
  }

test('every package that is built shows an example', () => {
  const without = PAGES.filter((page) => existsSync(join(ROOT, dirname(page), 'src/index.ts'))).filter(
    (page) => !readFileSync(join(ROOT, page), 'utf8').includes('```ts\n'),
  )
  assert.deepEqual(without, [])
})
