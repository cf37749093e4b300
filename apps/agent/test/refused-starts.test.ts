import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

/** The last line that a refused start leaves, and its exit code. */
async function refusal(configPath: string): Promise<[number | null, string]> {
  const { code, stderr } = await new AgentUnderTest(configPath).ended
  const lines = stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('{'))
  assert.ok(lines.length <= 1, `more than one sentence:\n${stderr}`)
  return [code, lines[0] ?? '']
}

test('a database that is open already is refused, and its owner goes on', async (t) => {
  const path = writeConfig(temporaryFolder(t))
  const first = await AgentUnderTest.start(t, path)
  const [code, sentence] = await refusal(path)
  assert.equal(code, 1)
  assert.match(sentence, /open/)
  assert.equal((await first.post('/v1/transactions', '["INSERT INTO items (id) VALUES (1)"]')).status, 200)
  // After SIGKILL the file is free at once.
  await first.stop('SIGKILL')
  const second = await AgentUnderTest.start(t, path)
  assert.equal((await second.query('SELECT id FROM items'))[1], '{"row":[1,["1"]]}')
})

test('ports in use, of the API and of gossip', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => server.close())
  const { port } = server.address() as { port: number }
  for (const key of ['api', 'gossip']) {
    const path = writeConfig(temporaryFolder(t))
    const table = `[${key}]\nbind_addr = "127.0.0.1:`
    writeFileSync(path, readFileSync(path, 'utf8').replace(`${table}0`, `${table}${port}`))
    const [code, sentence] = await refusal(path)
    assert.equal(code, 1)
    assert.match(sentence, new RegExp(`127.0.0.1:${port} is in use by another process`))
    assert.match(sentence, new RegExp(`${key}.bind_addr`))
  }
})

test('an invalid schema is refused with its file, and nothing is made', async (t) => {
  const path = writeConfig(temporaryFolder(t), '', 'CREATE TABLE nokey (a TEXT);')
  const [code, sentence] = await refusal(path)
  assert.equal(code, 1)
  assert.match(sentence, /schema.sql.*nokey/)
})

test('a schema path that is not there', async (t) => {
  const path = writeConfig(temporaryFolder(t))
  writeFileSync(path, readFileSync(path, 'utf8').replace('"schema.sql"', '"absent"'))
  assert.match((await refusal(path))[1], /db.schema_paths: cannot read .*absent/)
})

test('a configuration with errors lists them all', async (t) => {
  const path = writeConfig(temporaryFolder(t), 'nod = 1')
  const { code, stderr } = await new AgentUnderTest(path).ended
  assert.equal(code, 1)
  assert.match(stderr, /config.toml:1: unknown key nod/)
})

test('no keys and no plaintext; a key file and certificates that cannot be read', async (t) => {
  const folder = temporaryFolder(t)
  const path = writeConfig(folder)
  const text = readFileSync(path, 'utf8').replace('plaintext = true', '')
  writeFileSync(path, text)
  const { stderr } = await new AgentUnderTest(path).ended
  assert.match(stderr, /gossip.secret_file is missing; .*gossip.plaintext = true/)
  const tls = '[gossip.tls]\nca_file = "ca.pem"\ncert_file = "cert.pem"\nkey_file = "key.pem"\n'
  writeFileSync(path, `${text}secret_file = "cluster.key"\n${tls}`)
  assert.match((await refusal(path))[1], /gossip.secret_file = .*cluster.key: the file does not exist/)
  writeFileSync(join(folder, 'cluster.key'), `${Buffer.alloc(32).toString('base64')}\n`)
  assert.match((await refusal(path))[1], /gossip.tls.\w+ = .*pem: the file does not exist/)
  for (const name of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(join(folder, name), 'junk')
  assert.match((await refusal(path))[1], /holds no certificate/)
  assert.equal(existsSync(join(folder, 'state.db')), false)
})

test('a file of another cluster', async (t) => {
  const path = writeConfig(temporaryFolder(t))
  const agent = await AgentUnderTest.start(t, path)
  assert.equal((await agent.stop()).code, 0)
  writeFileSync(path, readFileSync(path, 'utf8').replace('[gossip]', '[gossip]\ncluster_id = "other"'))
  const [code, sentence] = await refusal(path)
  assert.equal(code, 1)
  assert.match(sentence, /cluster/)
})

test('a file that is no database', async (t) => {
  const folder = temporaryFolder(t)
  const path = writeConfig(folder)
  writeFileSync(join(folder, 'state.db'), 'x'.repeat(10_000))
  chmodSync(join(folder, 'state.db'), 0o600)
  const [code, sentence] = await refusal(path)
  assert.equal(code, 1)
  assert.match(sentence, /database/)
})

test('a UDP port in use, whose TCP port is free', async (t) => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await new Promise((resolve) => socket.once('listening', resolve))
  t.after(() => socket.close())
  const { port } = socket.address()
  const path = writeConfig(temporaryFolder(t))
  const gossip = '[gossip]\nbind_addr = "127.0.0.1:'
  writeFileSync(path, readFileSync(path, 'utf8').replace(`${gossip}0`, `${gossip}${port}`))
  const [code, sentence] = await refusal(path)
  assert.equal(code, 1)
  assert.match(sentence, new RegExp(`^UDP 127.0.0.1:${port} is in use .*gossip.bind_addr$`))
})

test('a file of a newer format is refused, and is as it was', async (t) => {
  const folder = temporaryFolder(t)
  const path = writeConfig(folder)
  assert.equal((await (await AgentUnderTest.start(t, path)).stop()).code, 0)
  const { DatabaseSync } = await import('node:sqlite')
  const file = new DatabaseSync(join(folder, 'state.db'))
  file.exec("UPDATE __patina_meta SET value = 99 WHERE key = 'format'")
  file.close()
  const before = readFileSync(join(folder, 'state.db'))
  const [code, sentence] = await refusal(path)
  assert.equal(code, 1)
  assert.match(sentence, /state\.db has format 99, this program reads up to \d+; start the newer program/)
  assert.ok(before.equals(readFileSync(join(folder, 'state.db'))))
})

/** Without root's rights: modes of files count for nobody else. */
const isRoot = process.getuid?.() === 0
const skip = isRoot ? false : 'only root may become another user'

test('a folder that may not be written and a key that may not be read', { skip }, async (t) => {
  const folder = temporaryFolder(t)
  const path = writeConfig(folder)
  chmodSync(folder, 0o555)
  const asNobody = async (): Promise<[number | null, string]> => {
    const agent = new AgentUnderTest(path, { uid: 65_534, gid: 65_534 })
    const { code, stderr } = await agent.ended
    return [code, stderr.trim().split('\n').at(-1) as string]
  }
  const [folderCode, folderSentence] = await asNobody()
  assert.equal(folderCode, 1)
  assert.match(
    folderSentence,
    /state\.db.* cannot be opened .*; check the owner and mode of file and folder$/,
  )
  const keys = 'secret_file = "key"\n[gossip.tls]\nca_file = "a"\ncert_file = "b"\nkey_file = "c"'
  writeFileSync(path, readFileSync(path, 'utf8').replace('plaintext = true', keys))
  writeFileSync(join(folder, 'key'), 'x', { mode: 0o600 })
  const [keyCode, keySentence] = await asNobody()
  assert.equal(keyCode, 1)
  assert.match(
    keySentence,
    /^gossip\.secret_file = .*key: this user may not read the file; change its owner or mode$/,
  )
})
