/** Source files that the pages name are there: a page that sends its reader nowhere is a wrong page. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const cwd = fileURLToPath(new URL('../../../', import.meta.url))
const PAGES = [
  'ARCHITECTURE.md',
  ...globSync('docs/{*,adr/*}.md', { cwd }),
  // What is not built yet has a contract alone.
  ...globSync('{apps,packages}/*/README.md', { cwd }).filter((page) =>
    existsSync(`${cwd}/${dirname(page)}/src`),
  ),
]
const SOURCES = globSync(['{apps,packages,test,tools}/**/*.ts', 'scripts/*.ts'], {
  cwd,
  exclude: (path) => path.includes('node_modules') || path.includes('/dist'),
}).map((path) => `/${path}`)

/** `sync/src/sync.ts` stands for `packages/sync/src/sync.ts`, `wire.ts` for any file of that name. */
function isThere(named: string): boolean {
  return SOURCES.some((path) => path.endsWith(`/${named}`))
}

for (const page of PAGES)
  test(`${page} names files that are there`, () => {
    const text = readFileSync(`${cwd}/${page}`, 'utf8')
    const named = [...text.matchAll(/`([\w./-]+\.ts)`/g)].map(([, path]) => path as string)
    assert.deepEqual(
      named.filter((path) => !isThere(path)),
      [],
    )
  })
