/** Bounds that only many strangers or many peers reach. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { peerAddress } from '@patina/base'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import { RecordingDatagrams, RecordingStreams } from '../src/contract/recording.ts'
import { testActor } from '../src/contract/streams-contract.ts'
import { until } from '../src/contract/until.ts'
import { limits } from '../src/limits.ts'
import { bindMemoryDatagrams } from '../src/memory/memory-datagrams.ts'
import { MemoryNetwork } from '../src/memory/memory-network.ts'
import { generateSecret, parseKeyring } from '../src/udp/keyring.ts'
import { Opener, Sealer } from '../src/udp/seal.ts'
import { listenWs } from '../src/ws/ws-streams.ts'

const keyring = parseKeyring(generateSecret(), 'test')

function sealed(): Buffer {
  return new Sealer({ clusterId: 'blue', security: keyring, process: randomBytes(16) }).seal(Buffer.from('x'))
}

test('replay windows: the least recently heard process is forgotten first, forged ones displace nobody', () => {
  const opener = new Opener({ clusterId: 'blue', security: keyring, process: randomBytes(16) })
  const [first, second] = [sealed(), sealed()]
  assert.ok(opener.open(first).ok && opener.open(second).ok)
  for (let i = 0; i < 500; i += 1) {
    const forged = sealed()
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1
    assert.deepEqual(opener.open(forged), { ok: false, error: 'not-authentic' })
  }
  for (let i = 2; i < limits.replayWindowsMax; i += 1) assert.ok(opener.open(sealed()).ok)
  assert.deepEqual(opener.open(first), { ok: false, error: 'replayed' }, 'all still fit')
  assert.ok(opener.open(sealed()).ok)
  assert.ok(opener.open(first).ok, 'forgotten, so heard anew')
})

test('memory datagrams under way are bounded; the bound frees itself', () => {
  const network = new MemoryNetwork()
  const at = new RecordingDatagrams()
  const [from, to] = [peerAddress('10.0.0.1:1'), peerAddress('10.0.0.2:1')]
  const sender = bindMemoryDatagrams(network, from, new RecordingDatagrams())
  bindMemoryDatagrams(network, to, at)
  for (let i = 0; i < limits.memoryDatagramsMax + 10; i += 1) sender.send(to, new Uint8Array(1))
  assert.equal(network.waiting, limits.memoryDatagramsMax)
  network.deliverAll()
  sender.send(to, new Uint8Array(1))
  network.deliverAll()
  assert.equal(at.received.length, limits.memoryDatagramsMax + 1)
})

test('arbitrary first frames, from many strangers, each come to one refusal and nothing else', async () => {
  const at = new RecordingStreams()
  const options = { host: '127.0.0.1', port: 0, actor: testActor(1), clusterId: 'blue' }
  const streams = await listenWs({ ...options, security: 'plaintext', times: { helloTimeoutMs: 500 } }, at)
  const frames = fc.sample(fc.uint8Array({ maxLength: 300 }), 60)
  for (const frame of frames) {
    const head = Uint8Array.of(0x10, ...Buffer.from('PATINA'))
    const webSocket = new WebSocket(`ws://${streams.local}/patina`)
    webSocket.on('error', () => {})
    webSocket.on('open', () => webSocket.send(frame.length % 2 === 0 ? frame : Buffer.concat([head, frame])))
  }
  await until('all refusals', () => at.log.length === frames.length)
  assert.ok(
    at.log.every((line) => /^refused (not-patina|incompatible-version|other-cluster)$/.test(line)),
    `${at.log}`,
  )
  await streams.close()
})
