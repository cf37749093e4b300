import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { peerAddress } from '@patina/base'
import type { PeerCertificate, TlsIdentity } from '@patina/transport'
import { Certificates } from './certificates.ts'

const DAY_MS = 86_400_000
const NOW = 20_000 * DAY_MS

class World {
  readonly log: string[] = []
  readonly used: string[] = []
  peers: PeerCertificate[] = []
  fault: string | undefined
  now = NOW
  readonly files: { caFile: string; certificateFile: string; keyFile: string }
  readonly certificates: Certificates

  constructor(t: TestContext) {
    const folder = mkdtempSync(join(tmpdir(), 'patina-certificates-'))
    const file = (name: string): string => join(folder, name)
    this.files = { caFile: file('ca.pem'), certificateFile: file('cert.pem'), keyFile: file('key.pem') }
    for (const path of Object.values(this.files)) writeFileSync(path, 'first')
    const line =
      (level: string) =>
      (fields: object, text: string): void =>
        void this.log.push(`${level} ${text} ${JSON.stringify(fields)}`)
    this.certificates = new Certificates({
      files: this.files,
      inUse: identity('first'),
      load: async () => {
        if (this.fault !== undefined) throw new Error(this.fault)
        return identity('next')
      },
      streams: {
        useCertificates: ({ certificatePem }) => void this.used.push(certificatePem),
        peerCertificates: () => this.peers,
      },
      log: { info: line('info'), warn: line('warn'), error: line('error') } as never,
      clock: () => this.now,
    })
    t.after(() => {
      this.certificates.stop()
      rmSync(folder, { recursive: true })
    })
  }

  /** As the timer does, so many times. */
  async looks(times: number): Promise<void> {
    for (let i = 0; i < times; i += 1) await this.certificates.look()
  }
}

function identity(name: string): TlsIdentity {
  const [certificateExpiresAtMs, caExpiresAtMs] = [NOW + 90 * DAY_MS, NOW + 900 * DAY_MS]
  return { caPem: name, certificatePem: name, keyPem: name, certificateExpiresAtMs, caExpiresAtMs }
}

test('files that stay as they were are not read again', async (t) => {
  const world = new World(t)
  await world.looks(4)
  assert.deepEqual([world.used, world.log], [[], []])
})

test('changed files are read when two looks in a row agree, once', async (t) => {
  const world = new World(t)
  await world.looks(2)
  writeFileSync(world.files.certificateFile, 'the next certificate')
  await world.looks(1)
  writeFileSync(world.files.keyFile, 'the next key')
  await world.looks(1)
  assert.deepEqual(world.used, [], 'the files were still being written')
  await world.looks(3)
  assert.deepEqual(world.used, ['next'])
  assert.match(world.log.join('\n'), /^info certificates read again .*"expires":"2025-01-02/)
})

test('files that do not belong together are told of once, and are read again when they have changed', async (t) => {
  const world = new World(t)
  await world.looks(2)
  rmSync(world.files.keyFile)
  world.fault = 'gossip.tls.key_file: the file does not exist'
  await world.looks(5)
  assert.deepEqual(world.log, [`error the certificates stay as they are {"reason":"${world.fault}"}`])
  world.fault = undefined
  writeFileSync(world.files.keyFile, 'another key')
  await world.looks(2)
  assert.deepEqual(world.used, ['next'])
})

test('whoever asks has them read at once', async (t) => {
  const world = new World(t)
  await world.certificates.reload()
  assert.deepEqual(world.used, ['next'])
})

test('the ends of the own certificate, of the CA, and the first of the peers', (t) => {
  const world = new World(t)
  const days = (): string[] =>
    [...world.certificates.expiries()].map(([of, seconds]) => `${of} ${(seconds * 1_000 - NOW) / DAY_MS}`)
  assert.deepEqual(days(), ['own 90', 'ca 900'])
  world.peers = [60, 20].map((left) => ({
    peer: { actor: '0'.repeat(32) as never, address: peerAddress(`10.0.0.${left}:8787`) },
    expiresAtMs: NOW + left * DAY_MS,
  }))
  assert.deepEqual(days(), ['own 90', 'ca 900', 'peers 20'])
  world.certificates.alert()
  world.now = NOW + 91 * DAY_MS
  world.certificates.alert()
  world.certificates.alert()
  assert.deepEqual(
    world.log.map((line) => line.replace(/"expires":"[^"]*",/, '')),
    [
      'warn a certificate ends soon {"of":"10.0.0.20:8787","days":20}',
      'error a certificate has expired {"of":"own","days":0}',
      'error a certificate has expired {"of":"10.0.0.60:8787","days":0}',
      'error a certificate has expired {"of":"10.0.0.20:8787","days":0}',
    ],
  )
})
