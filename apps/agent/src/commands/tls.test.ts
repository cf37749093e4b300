import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { runProgram } from '@patina/program'
import { PATINA } from './program.ts'

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const code = await runProgram(PATINA, argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    taken: async () => {},
    environment: {},
    terminal: false,
    interrupted: () => new AbortController().signal,
  })
  return { code, out, err }
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A CA and a server certificate in the folder; `server.pem` is valid for so many days. */
async function generated(t: TestContext, days = 90): Promise<{ folder: string; signed: readonly string[] }> {
  const folder = temporaryFolder(t)
  const signed = [
    `--ca=${join(folder, 'ca.pem')}`,
    `--ca-key=${join(folder, 'ca-key.pem')}`,
    `--out=${folder}`,
  ]
  assert.equal((await run('tls', 'ca', 'generate', `--out=${folder}`)).code, 0)
  const made = await run(
    'tls',
    'server',
    'generate',
    ...signed,
    '--host=127.0.0.1',
    '--host=host1',
    `--days=${days}`,
  )
  assert.deepEqual([made.code, made.err], [0, ''])
  return { folder, signed }
}

async function config(folder: string): Promise<string> {
  const path = join(folder, 'config.toml')
  writeFileSync(
    path,
    `[db]\npath = "x.db"\n[gossip]\nbind_addr = "127.0.0.1:0"\nsecret_file = "s"\n` +
      `[gossip.tls]\nca_file = "ca.pem"\ncert_file = "server.pem"\nkey_file = "server-key.pem"\n`,
  )
  return path
}

test('a CA, a server and a client certificate: who signed them, for which hosts, how long, and the modes', async (t) => {
  const { folder, signed } = await generated(t)
  const named = await run('tls', 'client', 'generate', ...signed, '--name=watcher', '--json')
  assert.equal(JSON.parse(named.out).certificateFile, join(folder, 'watcher.pem'))
  const [ca, server, client] = ['ca', 'server', 'watcher'].map(
    (name) => new X509Certificate(readFileSync(join(folder, `${name}.pem`))),
  ) as [X509Certificate, X509Certificate, X509Certificate]
  assert.ok(server.verify(ca.publicKey) && client.verify(ca.publicKey))
  assert.deepEqual([server.checkIP('127.0.0.1'), server.checkHost('host1')], ['127.0.0.1', 'host1'])
  assert.equal(client.subjectAltName, undefined)
  assert.deepEqual(
    [server, client].map(({ keyUsage }) => (keyUsage as unknown as string[]).length),
    [2, 1],
  )
  for (const name of ['ca', 'server', 'watcher'])
    assert.equal(statSync(join(folder, `${name}-key.pem`)).mode & 0o777, 0o600)
})

test('nothing is overwritten, and what is missing is told', async (t) => {
  const { folder, signed } = await generated(t)
  const again = await run('tls', 'ca', 'generate', `--out=${folder}`)
  assert.equal(again.code, 1)
  assert.match(again.err, /ca-key\.pem exists already/)
  const without = await run('tls', 'server', 'generate', '--ca=/nowhere.pem', '--host=127.0.0.1')
  assert.equal(without.code, 1)
  assert.match(without.err, /nowhere\.pem/)
  for (const argv of [
    ['tls'],
    ['tls', 'ca'],
    ['tls', 'ca', 'generate', 'more'],
    ['tls', 'server', 'generate', ...signed],
    ['tls', 'client', 'generate', '--host=127.0.0.1', ...signed],
    ['tls', 'ca', 'generate', '--days=0'],
    ['tls', 'ca', 'generate', '--name=../up'],
    ['tls', 'check', 'no-port'],
    ['tls', 'check', 'host:70000'],
  ])
    assert.equal((await run(...argv)).code, 2, argv.join(' '))
})

test('check: the files of the configuration, with 0 and 1 as the days say', async (t) => {
  const { folder } = await generated(t, 29)
  const path = await config(folder)
  const late = await run('tls', 'check', `--config=${path}`)
  assert.equal(late.code, 1)
  assert.match(late.out, /ca\.pem: patina ca, 36\d\d days left, .*\n.*server\.pem: server, 28 days left/)
  assert.equal((await run('tls', 'check', `--config=${path}`, '--days=7')).code, 0)
  writeFileSync(join(folder, 'server.pem'), 'nothing')
  const broken = await run('tls', 'check', `--config=${path}`, '--json')
  assert.equal(broken.code, 1)
  const { certificates, failed } = JSON.parse(broken.out)
  assert.deepEqual([certificates.length, failed], [2, 1])
  assert.match(certificates[1].problem, /cert_file = .*: holds no certificate/)
})

test('check: what endpoints show, whoever has signed it; and which of them show nothing', async (t) => {
  const { folder } = await generated(t, 40)
  const read = (name: string): Buffer => readFileSync(join(folder, name))
  const shows = createTlsServer({ cert: read('server.pem'), key: read('server-key.pem'), requestCert: true })
  const closes = createServer((socket) => socket.destroy())
  const [good, bad] = await Promise.all(
    [shows, closes].map(
      (server) =>
        new Promise<string>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`))
          t.after(() => server.close())
        }),
    ),
  )
  const both = await run('tls', 'check', good as string, bad as string)
  assert.equal(both.code, 1)
  const [first, second] = both.out.split('\n')
  assert.match(first ?? '', /^127\.0\.0\.1:\d+: server, 39 days left, /)
  assert.match(second ?? '', /^127\.0\.0\.1:\d+: .*(disconnected|ECONNRESET)/)
  assert.equal((await run('tls', 'check', good as string)).code, 0)
  assert.equal((await run('tls', 'check', good as string, '--days=45')).code, 1)
})
