/** The files of ../test/fixtures are for tests alone: a CA, a certificate of it for 127.0.0.1 with its key, and another key; good until 2125. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fetchTrusting, nodeFetch } from './node-fetch.ts'
import { expiriesOf, openTlsFiles, readTlsFiles, type TlsPaths } from './tls-files.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../test/fixtures/${name}`, import.meta.url))
const NONE: TlsPaths = { certFile: undefined, keyFile: undefined, caFile: undefined }
const ALL: TlsPaths = {
  certFile: fixture('server.pem'),
  keyFile: fixture('server-key.pem'),
  caFile: fixture('ca.pem'),
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('what the files say; without files nothing', () => {
  assert.deepEqual(readTlsFiles(NONE), { own: undefined, ca: undefined })
  const { own, ca } = readTlsFiles(ALL)
  assert.match(own?.cert ?? '', /BEGIN CERTIFICATE/)
  assert.match(own?.key ?? '', /BEGIN PRIVATE KEY/)
  assert.match(ca ?? '', /BEGIN CERTIFICATE/)
  assert.deepEqual([...expiriesOf(readTlsFiles(NONE))], [])
  const expiries = expiriesOf(readTlsFiles(ALL))
  assert.ok((expiries.get('own') ?? 0) < (expiries.get('ca') ?? 0))
})

test('files that do not fit are refused with their names', (t) => {
  const empty = join(temporaryFolder(t), 'empty')
  writeFileSync(empty, '')
  const cases: readonly (readonly [TlsPaths, RegExp])[] = [
    [
      { ...ALL, keyFile: fixture('other-key.pem') },
      /other-key.pem is not that of the certificate in .*server.pem/,
    ],
    [{ ...ALL, certFile: empty }, /empty holds no certificate/],
    [{ ...ALL, keyFile: empty }, /empty holds no private key/],
    [{ ...ALL, keyFile: fixture('ca.pem') }, /ca.pem holds no private key/],
    [{ ...NONE, caFile: empty }, /empty holds no certificate/],
    [{ ...NONE, caFile: `${empty}.none` }, /cannot read a TLS file: ENOENT/],
  ]
  for (const [paths, problem] of cases) assert.throws(() => readTlsFiles(paths), problem)
})

test('files that change are read again; half of a change is not used', (t) => {
  const folder = temporaryFolder(t)
  const told: string[] = []
  const paths = { certFile: join(folder, 'cert'), keyFile: join(folder, 'key'), caFile: undefined }
  copyFileSync(ALL.certFile as string, paths.certFile)
  copyFileSync(ALL.keyFile as string, paths.keyFile)
  const files = openTlsFiles(paths, (message) => told.push(message))
  const first = files.get()
  assert.equal(files.get(), first)
  copyFileSync(fixture('other-key.pem'), paths.keyFile)
  assert.deepEqual([files.get() === first, files.get() === first, told.length], [true, true, 1])
  assert.match(told[0] as string, /is not that of the certificate.*used on$/)
  rmSync(paths.keyFile)
  copyFileSync(ALL.keyFile as string, paths.keyFile)
  assert.notEqual(files.get(), first)
  assert.deepEqual([files.get(), told.length], [first, 1])
})

test('a path that cannot even be looked at is told of, and what was read is used on', (t) => {
  const folder = temporaryFolder(t)
  const told: string[] = []
  const caFile = join(folder, 'ca')
  copyFileSync(ALL.caFile as string, caFile)
  const files = openTlsFiles({ ...NONE, caFile }, (message) => told.push(message))
  const first = files.get()
  rmSync(caFile)
  symlinkSync(caFile, caFile)
  assert.deepEqual([files.get() === first, files.get() === first, told.length], [true, true, 1])
  assert.match(told[0] as string, /ELOOP.*used on$/)
})

test('fetch believes who is signed by the CA, and nobody else', async (t) => {
  const { own, ca } = readTlsFiles(ALL)
  const server = createServer({ ...own }, (_, response) => response.end('here'))
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  assert.equal(await (await fetchTrusting(() => ca)(`https://127.0.0.1:${port}/`)).text(), 'here')
  await assert.rejects(nodeFetch(`https://127.0.0.1:${port}/`), /certificate/)
  await assert.rejects(fetchTrusting(() => ca)(`https://localhost:${port}/`), /localhost|ECONNREFUSED/)
})
