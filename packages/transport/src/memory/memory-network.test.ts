import assert from 'node:assert/strict'
import { test } from 'node:test'
import { peerAddress } from '@patina/base'
import { RecordingDatagrams, RecordingStreams } from '../contract/recording.ts'
import { testActor } from '../contract/streams-contract.ts'
import type { Streams } from '../transport.ts'
import { bindMemoryDatagrams } from './memory-datagrams.ts'
import { type Delivery, MemoryNetwork } from './memory-network.ts'
import { listenMemoryStreams } from './memory-streams.ts'

interface StreamsPair {
  readonly a: Streams
  readonly b: Streams
  readonly atA: RecordingStreams
  readonly atB: RecordingStreams
}

const [A, B] = [peerAddress('10.0.0.1:1'), peerAddress('10.0.0.2:1')]

function streamsPair(network: MemoryNetwork): StreamsPair {
  const [atA, atB] = [new RecordingStreams(), new RecordingStreams()]
  const a = listenMemoryStreams(network, { address: A, actor: testActor(1), clusterId: 'blue' }, atA)
  const b = listenMemoryStreams(network, { address: B, actor: testActor(2), clusterId: 'blue' }, atB)
  return { a, b, atA, atB }
}

test('nothing arrives before it is delivered, and a cut loses what is under way', () => {
  const network = new MemoryNetwork()
  const at = new RecordingDatagrams()
  const a = bindMemoryDatagrams(network, A, new RecordingDatagrams())
  bindMemoryDatagrams(network, B, at)
  a.send(B, Buffer.from('1'))
  assert.equal(at.received.length, 0)
  network.cut(B, A)
  network.deliverAll()
  a.send(B, Buffer.from('2'))
  network.heal(A, B)
  a.send(B, Buffer.from('3'))
  network.deliverAll()
  assert.deepEqual(at.received, [{ from: A, text: '3' }])
})

test('a cut breaks sessions at both ends; after healing the pair meets again', () => {
  const network = new MemoryNetwork()
  const { a, b, atA, atB } = streamsPair(network)
  a.connect(B)
  network.deliverAll()
  a.send(testActor(2), 'fresh', Buffer.from('under way'))
  network.cut(A, B)
  assert.equal(a.send(testActor(2), 'fresh', Buffer.from('late')), 'dropped')
  network.deliverAll()
  assert.deepEqual(atB.messages, [])
  b.connect(A)
  network.deliverAll()
  network.heal(A, B)
  b.connect(A)
  network.deliverAll()
  assert.deepEqual(atA.log, ['opened 02 10.0.0.2:1', 'closed 02 broken', 'opened 02 10.0.0.2:1'])
  assert.deepEqual(atB.log, [
    'opened 01 10.0.0.1:1',
    'closed 01 broken',
    'refused unreachable',
    'opened 01 10.0.0.1:1',
  ])
})

test('both ends may leave at once', () => {
  const network = new MemoryNetwork()
  const { a, b, atA, atB } = streamsPair(network)
  a.connect(B)
  network.deliverAll()
  a.disconnect(testActor(2))
  b.disconnect(testActor(1))
  network.deliverAll()
  assert.deepEqual([atA.log[1], atB.log[1]], ['closed 02 goodbye', 'closed 01 goodbye'])
  assert.equal(atA.log.length + atB.log.length, 4)
})

test('an owner with a schedule of its own decides when and in which order', () => {
  const held: Delivery[] = []
  const network = new MemoryNetwork((delivery) => held.push(delivery))
  const at = new RecordingDatagrams()
  const a = bindMemoryDatagrams(network, A, new RecordingDatagrams())
  bindMemoryDatagrams(network, B, at)
  for (const text of ['1', '2', '3']) a.send(B, Buffer.from(text))
  assert.deepEqual([network.waiting, held.length, held[0]?.bytes], [0, 3, 1])
  for (const delivery of held.reverse()) delivery.deliver()
  assert.deepEqual(
    at.received.map(({ text }) => text),
    ['3', '2', '1'],
  )
})
