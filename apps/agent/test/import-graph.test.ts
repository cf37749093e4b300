import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

/** Prints what a process that composes the whole agent has loaded. */
const PROBE = `
import { registerHooks } from 'node:module'
const loaded = []
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
await import(${JSON.stringify(new URL('../src/compose.ts', import.meta.url).href)})
await import(${JSON.stringify(new URL('../src/commands/program.ts', import.meta.url).href)})
console.log(loaded.join('\\n'))
`

test('main runs no SQL: nothing that it loads is SQLite or a file of the roles', () => {
  const args = ['--conditions=@patina/source', '--input-type=module', '--eval', PROBE]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.match(stdout, /node-driver\.ts/, stderr)
  const forbidden = stdout
    .split('\n')
    .filter((url) => /better-sqlite3|node:sqlite|\/roles\/|crdt-store/.test(url))
  assert.deepEqual(forbidden, [])
})
