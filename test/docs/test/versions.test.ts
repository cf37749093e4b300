import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

/** A constant of a source by its name. */
function constant(path: string, name: string): number {
  return Number(new RegExp(`^(?:export )?const ${name} = (\\d+)$`, 'm').exec(read(path))?.[1])
}

/** The last version that docs/protocol.md tells of. */
function documented(what: string): number {
  const rows = read('docs/protocol.md').matchAll(/^\| ([\w ()]+?) +\| (\d+) +\|/gm)
  return Math.max(...[...rows].filter(([, name]) => name === what).map(([, , version]) => Number(version)))
}

const SESSION = constant('packages/transport/src/hello.ts', 'PROTOCOL_VERSION_MAX')
const SYNC = constant('packages/sync/src/protocol-version.ts', 'SYNC_PROTOCOL_VERSION')

test('every version that the code speaks has its line in docs/protocol.md', () => {
  assert.equal(documented('session'), SESSION)
  assert.equal(documented('replication (sync)'), SYNC)
  assert.equal(documented('membership (swim)'), constant('packages/swim/src/codec.ts', 'PROTOCOL'))
})

test('replication has no version on the wire, so it is not raised without that of the session', () => {
  assert.ok(SESSION >= SYNC, `replication ${SYNC} would be spoken in sessions of version ${SESSION}`)
})
