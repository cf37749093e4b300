import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { writeKeys } from './cluster-files.ts'
import { foreignKeyring, Stranger, strangerPapers } from './stranger.ts'

test('a stranger seals packets nobody else has got, and dials with the papers that it was given', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-cluster-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  await writeKeys(folder, ['ams', 'nrt'], Date.now())
  const [ams, nrt] = await Promise.all(['ams', 'nrt'].map((name) => strangerPapers(folder, name)))
  assert.ok(ams !== undefined && nrt !== undefined)
  assert.notEqual(foreignKeyring().keys[0].id, ams.keyring.keys[0].id)
  const [one, other] = await Promise.all([
    Stranger.open(ams),
    Stranger.open({ ...nrt, clusterId: 'another' }),
  ])
  t.after(() => Promise.all([one.close(), other.close()]))
  const [first, second] = [await one.packetOf(Buffer.from('junk')), await one.packetOf(Buffer.from('junk'))]
  assert.notDeepEqual(first, second)
  assert.equal(await one.dial(other.address), 'other-cluster')
  assert.equal(await one.dial('127.0.0.1:1'), 'unreachable')
})
