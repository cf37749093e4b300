import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../limits.ts'
import { generateSecret, loadKeyring, parseKeyring } from './keyring.ts'

test('the first key comes first, whatever lies between the lines', () => {
  const [first, second] = [generateSecret(), generateSecret()]
  const { keys } = parseKeyring(`# current\n${first}\r\n\n  ${second}  \n`, 'cluster.key')
  assert.deepEqual(
    keys.map((key) => Buffer.from(key.bytes).toString('base64')),
    [first, second],
  )
  assert.notEqual(keys[0].id, keys[1]?.id)
})

test('each error names the file, the line and what to change, and shows no key', () => {
  const good = generateSecret()
  const secretish = 'c2VjcmV0'
  assert.throws(() => parseKeyring('', 'a.key'), /^Error: a\.key: no key; write one line/)
  assert.throws(
    () => parseKeyring(`${good}\n${good}`, 'a.key'),
    /a\.key line 2: this key is in the file already/,
  )
  assert.throws(
    () => parseKeyring(`${good}\n${secretish}`, 'a.key'),
    (error: Error) => /a\.key line 2: not 32 bytes/.test(error.message) && !error.message.includes(secretish),
  )
  const many = Array.from({ length: limits.keyringKeysMax + 1 }, generateSecret).join('\n')
  assert.throws(() => parseKeyring(many, 'a.key'), /more than 16 keys/)
})

test('a file that cannot be read is named with its setting', async () => {
  await assert.rejects(
    loadKeyring('/nowhere/cluster.key'),
    /gossip\.secret_file = \/nowhere\/cluster\.key: .*does not exist/,
  )
  await assert.rejects(loadKeyring('/'), /this is a folder/)
})
