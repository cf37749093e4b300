import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { configText, renewNodeKey, writeConfig, writeKeys } from './cluster-files.ts'

const plans = ['ams', 'nrt'].map((name, at) => ({ name, apiPort: 8000 + at, gossipPort: 9000 + at }))

test('a configuration names its own ports, the others as seeds, and files of the folder', () => {
  const text = configText('/a "b"', plans[0] as (typeof plans)[number], plans)
  assert.match(text, /^bind_addr = "127.0.0.1:8000"$/m)
  assert.match(text, /^bootstrap = \["127.0.0.1:9001"\]$/m)
  assert.match(text, /^path = "\/a \\"b\\"\/ams\/patina.db"$/m)
})

test('an agent with addresses of its own binds to them, and others find it there', () => {
  const hosts = { api: '10.1.0.2', gossip: '10.2.0.2' }
  const [first, second] = plans.map((plan) => ({ ...plan, hosts }))
  assert.ok(first !== undefined && second !== undefined)
  const text = configText('/a', first, [first, second])
  assert.match(text, /^bind_addr = "10.1.0.2:8000"\nallow_unauthenticated = true$/m)
  assert.match(text, /^external_addr = "10.2.0.2:9000"$/m)
  assert.match(text, /^bootstrap = \["10.2.0.2:9001"\]$/m)
})

test('schema files of a test stand behind the reference table', () => {
  const [plan] = plans as [(typeof plans)[number], ...unknown[]]
  const text = configText('/a', { ...plan, schemaFiles: ['/b "c".sql'] }, plans)
  assert.match(text, /^schema_paths = \["[^"]+\/001-machines.sql","\/b \\"c\\".sql"\]$/m)
})

test('keys are for their owner only, and every file that a configuration names is there but the database', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-cluster-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  await writeKeys(folder, ['ams', 'nrt'], Date.now())
  for (const plan of plans) {
    const text = readFileSync(await writeConfig(folder, plan, plans), 'utf8')
    for (const [, path] of text.matchAll(/^(?:schema_paths|\w+_file) = \[?"([^"]+)"/gm))
      assert.ok(statSync(path as string).isFile())
    assert.equal(statSync(join(folder, plan.name, `${plan.name}-key.pem`)).mode & 0o777, 0o600)
  }
  assert.match(readFileSync(join(folder, 'cluster.key'), 'utf8'), /^[A-Za-z0-9+/]{43}=\n$/)
  assert.equal(statSync(join(folder, 'cluster.key')).mode & 0o777, 0o600)
})

test('a certificate may have expired, and is replaced by one that holds', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-cluster-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const now = Date.now()
  const authority = await writeKeys(folder, ['ams', 'nrt'], now, { expired: ['nrt'] })
  const holds = (name: string): boolean => {
    const certificate = new X509Certificate(readFileSync(join(folder, name, `${name}.pem`)))
    return certificate.validToDate.getTime() > now
  }
  assert.deepEqual([holds('ams'), holds('nrt')], [true, false])
  await renewNodeKey(folder, 'nrt', authority, now)
  assert.equal(holds('nrt'), true)
})
