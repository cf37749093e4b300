/** TLS files: what is made fits together, and each wrong file is named with what to change. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  type CertifiedKey,
  generateAuthority,
  issueNodeCertificate,
  validForDays,
  writeCertifiedKey,
} from '../src/certificates.ts'
import { loadTls, type TlsFiles } from '../src/tls.ts'

const DAY_MS = 86_400_000
const validity = validForDays(10, Date.now())
let folder: string
let authority: CertifiedKey
let files: TlsFiles

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patina-tls-'))
  authority = await generateAuthority('test CA', validForDays(20, Date.now()))
  const { certificateFile: caFile } = await writeCertifiedKey(folder, 'ca', authority)
  const hosts = ['10.0.0.1', '2001:db8::1', 'host1', 'host1.example.net']
  const node = await issueNodeCertificate(authority, { name: 'host1', hosts, validity })
  files = { caFile, ...(await writeCertifiedKey(folder, 'host1', node)) }
})

after(() => rm(folder, { recursive: true }))

test('a node certificate covers its addresses and names, both usages, and is signed by the CA', async () => {
  const { certificatePem, caPem, certificateExpiresAtMs, caExpiresAtMs } = await loadTls(files)
  const certificate = new X509Certificate(certificatePem)
  const ca = new X509Certificate(caPem)
  for (const ip of ['10.0.0.1', '2001:db8::1']) assert.ok(certificate.checkIP(ip), ip)
  for (const name of ['host1', 'host1.example.net']) assert.ok(certificate.checkHost(name), name)
  assert.equal(certificate.checkIP('10.0.0.2'), undefined)
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
  assert.deepEqual([certificate.ca, ca.ca], [false, true])
  assert.ok(certificate.verify(ca.publicKey))
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  assert.ok(Math.abs(certificateExpiresAtMs - Date.now() - 10 * DAY_MS) < 60_000)
  assert.ok(Math.abs(caExpiresAtMs - Date.now() - 20 * DAY_MS) < 60_000)
})

test('key files are readable by their owner alone, and nothing is overwritten', async () => {
  assert.equal((await stat(files.keyFile)).mode & 0o777, 0o600)
  assert.equal((await stat(files.certificateFile)).mode & 0o777, 0o644)
  await assert.rejects(
    writeCertifiedKey(folder, 'host1', authority),
    /host1-key\.pem exists already; remove it or/,
  )
})

test('a certificate for nothing, or for what is no name, is not made', async () => {
  const issue = (...hosts: string[]): Promise<CertifiedKey> =>
    issueNodeCertificate(authority, { name: 'x', hosts, validity })
  await assert.rejects(issue(), /at least one IP address or name/)
  for (const host of ['', 'a b', '-a', 'a..b', 'a/24', '*.a'])
    await assert.rejects(issue(host), /neither an IP/)
})

test('an expired certificate loads, and shows its end', async () => {
  const past = { notBefore: new Date(Date.now() - 3 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) }
  const node = await issueNodeCertificate(authority, { name: 'old', hosts: ['10.0.0.3'], validity: past })
  const loaded = await loadTls({ ...files, ...(await writeCertifiedKey(folder, 'old', node)) })
  assert.ok(loaded.certificateExpiresAtMs < Date.now())
})

test('each wrong file is named with its setting and what to change', async () => {
  const text = join(folder, 'text')
  await writeFile(text, 'no PEM')
  const broken = join(folder, 'broken')
  await writeFile(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  const huge = join(folder, 'huge')
  await writeFile(huge, Buffer.alloc(2_000_000))
  const other = await generateAuthority('other CA', validity)
  const otherFiles = await writeCertifiedKey(folder, 'other', other)
  const wrong: readonly (readonly [Partial<TlsFiles>, RegExp])[] = [
    [{ caFile: join(folder, 'none') }, /^gossip\.tls\.ca_file = .*none: the file does not exist/],
    [{ certificateFile: folder }, /^gossip\.tls\.cert_file = .*this is a folder/],
    [{ keyFile: huge }, /^gossip\.tls\.key_file = .*huge: .*2000000 bytes/],
    [{ caFile: text }, /^gossip\.tls\.ca_file = .*holds no certificate/],
    [{ certificateFile: broken }, /^gossip\.tls\.cert_file = .*cannot be read; write it as PEM/],
    [{ keyFile: text }, /^gossip\.tls\.key_file = .*holds no private key/],
    [{ keyFile: otherFiles.keyFile }, /^gossip\.tls\.key_file = .*not the key of .*host1\.pem/],
    [
      { caFile: otherFiles.certificateFile },
      /^gossip\.tls\.cert_file = .*not signed by a CA in .*other\.pem/,
    ],
  ]
  for (const [change, message] of wrong)
    await assert.rejects(loadTls({ ...files, ...change }), (error: Error) => {
      assert.match(error.message, message)
      return true
    })
})
