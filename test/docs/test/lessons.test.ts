/** Each lesson of the page has a test that bears its name, in the file that the page says. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const cwd = fileURLToPath(new URL('../../../', import.meta.url))

test('every lesson of docs/lessons.md has its test', () => {
  const page = readFileSync(`${cwd}/docs/lessons.md`, 'utf8')
  const lessons = [...page.matchAll(/^\| (T-[A-Z]\d+) .*`([^`]+\.ts)` +\|$/gm)].map(([, name, file]) => [
    name,
    file,
  ])
  assert.ok(lessons.length >= 11, `${lessons.length} lessons`)
  const missing = lessons.filter(
    ([name, file]) => !readFileSync(`${cwd}/${file}`, 'utf8').includes(name as string),
  )
  assert.deepEqual(missing, [])
})
