/** The socket itself: strangers on the port, two clusters, keys in rotation, addresses that cannot be bound. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { after, test } from 'node:test'
import { splitPeerAddress } from '@patina/base'
import { BindError } from '../src/bind-error.ts'
import { RecordingDatagrams } from '../src/contract/recording.ts'
import { until } from '../src/contract/until.ts'
import type { Datagrams } from '../src/transport.ts'
import { generateSecret, parseKeyring } from '../src/udp/keyring.ts'
import { parseNetworks } from '../src/udp/networks.ts'
import type { DatagramSecurity } from '../src/udp/seal.ts'
import { bindUdp, type KeyedDatagrams } from '../src/udp/udp-datagrams.ts'

const secret = generateSecret()
const keyring = parseKeyring(secret, 'test')
const opened: Datagrams[] = []

after(() => Promise.all(opened.map((datagrams) => datagrams.close())))

async function end(
  security: DatagramSecurity = keyring,
  clusterId = 'blue',
  host = '127.0.0.1',
): Promise<{ datagrams: KeyedDatagrams; at: RecordingDatagrams }> {
  const at = new RecordingDatagrams()
  const datagrams = await bindUdp({ host, port: 0, clusterId, security }, at)
  opened.push(datagrams)
  return { datagrams, at }
}

test('T-J4: another cluster, another key, plaintext and junk are counted by reason, and neighbours go on', async () => {
  const [a, b] = [await end(), await end()]
  const red = await end(keyring, 'red')
  const plain = await end('plaintext')
  const otherKey = await end(parseKeyring(generateSecret(), 'test'))
  const stranger = createSocket('udp4')
  const { host, port } = splitPeerAddress(a.datagrams.local)
  for (const garbage of [Buffer.alloc(0), Buffer.alloc(20), Buffer.alloc(9_000, 0x50)])
    stranger.send(garbage, port, host)
  await until('garbage', () => a.at.refusals.length === 3)
  assert.deepEqual(a.at.refusals, ['not-patina', 'not-patina', 'not-patina'])
  stranger.close()
  a.at.refusals.length = 0
  for (const { datagrams } of [red, plain, otherKey]) datagrams.send(a.datagrams.local, Buffer.from('x'))
  await until('the others', () => a.at.refusals.length === 3)
  assert.deepEqual(a.at.refusals.sort(), ['not-authentic', 'other-cluster', 'unknown-key'])
  b.datagrams.send(a.datagrams.local, Buffer.from('hello'))
  await until('the neighbour', () => a.at.received.length === 1)
  assert.deepEqual(a.at.received, [{ from: b.datagrams.local, text: 'hello' }])
})

test('a packet that was recorded and is sent again, from anywhere, is refused', async () => {
  const [a, b] = [await end(), await end()]
  const recorded: Buffer[] = []
  const tap = createSocket('udp4')
  tap.on('message', (packet) => recorded.push(packet))
  await new Promise<void>((resolve) => tap.bind(0, '127.0.0.1', resolve))
  b.datagrams.send(`127.0.0.1:${tap.address().port}` as Datagrams['local'], Buffer.from('once'))
  await until('the recording', () => recorded.length === 1)
  const { host, port } = splitPeerAddress(a.datagrams.local)
  tap.send(recorded[0] as Buffer, port, host)
  tap.send(recorded[0] as Buffer, port, host)
  await until('both', () => a.at.received.length + a.at.refusals.length === 2)
  assert.deepEqual([a.at.received.length, a.at.refusals], [1, ['replayed']])
  tap.close()
})

test('a dual-stack end speaks with IPv4 peers under their IPv4 addresses', async () => {
  const [dual, four] = [await end(keyring, 'blue', '::'), await end()]
  const { port } = splitPeerAddress(dual.datagrams.local)
  four.datagrams.send(`127.0.0.1:${port}` as Datagrams['local'], Buffer.from('to'))
  await until('the way there', () => dual.at.received.length === 1)
  assert.equal(dual.at.received[0]?.from, four.datagrams.local)
  dual.datagrams.send(four.datagrams.local, Buffer.from('back'))
  await until('the way back', () => four.at.received.length === 1)
  assert.equal(four.at.received[0]?.from, `127.0.0.1:${port}`)
})

test('an address that cannot be bound: which one, and what to change', async () => {
  const a = await end()
  const { host, port } = splitPeerAddress(a.datagrams.local)
  const options = { clusterId: 'blue', security: keyring }
  await assert.rejects(
    bindUdp({ ...options, host, port }, new RecordingDatagrams()),
    (error: BindError) =>
      error.kind === 'address-in-use' &&
      error.message.includes(`UDP ${host}:${port} is in use by another process`),
  )
  await assert.rejects(
    bindUdp({ ...options, host: '192.0.2.1', port: 0 }, new RecordingDatagrams()),
    (error: BindError) => error instanceof BindError && error.kind === 'address-not-here',
  )
})

test('a rotation reaches three hosts one after the other, in any order, and nobody misses a word', async () => {
  const fresh = generateSecret()
  const ring = (...lines: string[]) => parseKeyring(lines.join('\n'), 'test')
  const ends = [await end(ring(secret)), await end(ring(secret)), await end(ring(secret))]
  const [a] = ends as [(typeof ends)[0]]
  let said = 0
  const everybodySpeaks = async (): Promise<void> => {
    // A peer that was not heard with its key yet may miss the first word of who rotates before it; it speaks first.
    for (const from of ends.toReversed())
      for (const to of ends) {
        if (from === to) continue
        said += 1
        const [word, before] = [`${said}`, to.at.received.length]
        from.datagrams.send(to.datagrams.local, Buffer.from(word))
        await until(`word ${word}`, () => to.at.received.length > before || to.at.refusals.length > 0)
      }
  }
  await everybodySpeaks()
  for (const { datagrams } of ends) {
    datagrams.useKeys(ring(secret, fresh))
    await everybodySpeaks()
  }
  for (const { datagrams } of ends) {
    datagrams.useKeys(ring(fresh, secret))
    await everybodySpeaks()
  }
  for (const { datagrams } of ends) {
    datagrams.useKeys(ring(fresh))
    await everybodySpeaks()
  }
  assert.deepEqual(
    ends.map(({ at }) => at.refusals),
    [[], [], []],
  )
  assert.equal(
    ends.reduce((sum, { at }) => sum + at.received.length, 0),
    said,
  )
  const late = await end(ring(secret))
  late.datagrams.send(a.datagrams.local, Buffer.from('late'))
  await until('the refusal', () => a.at.refusals.length === 1)
  assert.deepEqual(a.at.refusals, ['unknown-key'])
})

test('who has only the old key is answered with it by who has both', async () => {
  const fresh = generateSecret()
  const ring = (...lines: string[]) => parseKeyring(lines.join('\n'), 'test')
  const [rotated, behind] = [await end(ring(fresh, secret)), await end(ring(secret))]
  rotated.datagrams.send(behind.datagrams.local, Buffer.from('too early'))
  await until('the refusal', () => behind.at.refusals.length === 1)
  behind.datagrams.send(rotated.datagrams.local, Buffer.from('hello'))
  await until('the word', () => rotated.at.received.length === 1)
  rotated.datagrams.send(behind.datagrams.local, Buffer.from('now'))
  await until('the answer', () => behind.at.received.length === 1)
})

test('packets from networks that are not allowed are dropped before their prelude is read', async () => {
  const at = new RecordingDatagrams()
  const allowed = parseNetworks(['10.0.0.0/8'], 'allowed')
  const guarded = await bindUdp(
    { host: '127.0.0.1', port: 0, clusterId: 'blue', security: keyring, allowed },
    at,
  )
  opened.push(guarded)
  const other = await end()
  other.datagrams.send(guarded.local, Buffer.from('x'))
  await until('the refusal', () => at.refusals.length === 1)
  assert.deepEqual([at.refusals, at.received], [['not-allowed'], []])
})
