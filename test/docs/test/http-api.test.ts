/** docs/http-api.md and the figures of docs/operations.md against the code: nothing is left out, nothing is made up. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { codesIn, keysIn, namesUnder, unionIn } from '../src/http-codes.ts'

const ROOT = new URL('../../../', import.meta.url)
const page = read('docs/http-api.md')

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

function sources(pattern: string): string[] {
  const paths = globSync(pattern, { cwd: fileURLToPath(ROOT) })
  return paths.filter((path) => !path.endsWith('.test.ts')).map(read)
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort()

test('the codes of the page are those that clients can get', () => {
  const inSources = [
    ...sources('apps/agent/src/http/*.ts').flatMap(codesIn),
    ...codesIn(read('apps/agent/src/giving-up.ts')),
    ...sources('packages/live-query/src/**/*.ts').flatMap(codesIn),
    ...sources('packages/crdt-store/src/sqlite/{capture,client-statements,local-*}.ts').flatMap(codesIn),
    ...codesIn(read('packages/sqlite/src/reader.ts')),
    ...unionIn(read('packages/sqlite/src/inspect-error.ts'), 'InspectCode'),
    ...unionIn(read('packages/sqlite/src/parameters.ts'), 'kind'),
    ...unionIn(read('packages/sqlite/src/value-codec.ts'), 'kind'),
    ...unionIn(read('packages/crdt-store/src/core/chunking.ts'), 'kind'),
  ]
  assert.ok(inSources.length > 60)
  assert.deepEqual(sorted(namesUnder(page, 'Codes')), sorted(inSources))
})

test('the routes of the page are those of the server', () => {
  const source = read('apps/agent/src/http/server.ts')
  const routes = [...source.matchAll(/method: '(\w+)',\s*path: '([^']+)'/g)].map(
    ([, m, path]) => `${m} ${path}`,
  )
  const probes = [...source.matchAll(/\bapp\.get\('(\/[a-z]+)'/g)].map(([, path]) => `GET ${path}`)
  const shown = namesUnder(page, 'Routes')
  assert.ok(routes.length >= 7)
  assert.deepEqual(sorted(shown), sorted([...routes, ...probes]))
})

test('the differences from the original are those of the recorded table', () => {
  const source = read('test/conformance/src/differences.ts')
  const names = [...source.matchAll(/^ {2}'?([\w-]+)'?: \{$/gm)].map(([, name]) => name as string)
  assert.ok(names.length > 10)
  assert.deepEqual(sorted(namesUnder(page, 'Differences from superfly/corrosion')), sorted(names))
})

test('docs/operations.md has every figure of /v1/status', () => {
  const parts = namesUnder(read('docs/operations.md'), 'Status').flatMap((name) => name.split('.'))
  const ofProcesses = ['store', '*', 'running', 'pending', 'restarts']
  const files = ['apps/agent/src/status.ts', 'apps/agent/src/lag-status.ts']
  const inCode = [...files.flatMap((file) => keysIn(read(file))), ...ofProcesses]
  assert.ok(inCode.length > 25)
  assert.deepEqual(sorted(parts), sorted(inCode))
})
