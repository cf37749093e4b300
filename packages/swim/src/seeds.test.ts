import assert from 'node:assert/strict'
import test from 'node:test'
import { actorId, instant, type PeerAddress, Prng, peerAddress } from '@patina/base'
import { defaultConfig } from './config.ts'
import { Members } from './members.ts'
import { Seeds } from './seeds.ts'

const at = (n: number): PeerAddress => peerAddress(`10.0.0.${n}:4001`)

test('a seed is missing until an active member has its address; our own address is no seed', () => {
  const seeds = new Seeds(defaultConfig, at(1))
  const members = new Members(10, new Prng(1))
  seeds.add([at(1), at(2), at(3), at(2)])
  assert.deepEqual(seeds.missing(members), [at(2), at(3)])
  const record = {
    actor: actorId('22'.repeat(16)),
    generation: 1,
    incarnation: 0,
    address: at(2),
    told: undefined,
  }
  members.put({ ...record, state: 'alive' }, instant(0))
  assert.deepEqual(seeds.missing(members), [at(3)])
  members.put({ ...record, state: 'down' }, instant(0))
  assert.deepEqual(seeds.missing(members), [at(2), at(3)])
})

test('pauses double from 1 s to 30 s, a quarter of jitter on top, and start afresh when all are there', () => {
  const seeds = new Seeds(defaultConfig, at(1))
  const prng = new Prng(1)
  for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
    const got = seeds.nextPauseMs(true, prng)
    assert.ok(got >= pause * 1_000 && got < pause * 1_250, `${got} for ${pause} s`)
  }
  assert.ok(seeds.nextPauseMs(false, prng) < 1_250)
  assert.ok(seeds.nextPauseMs(true, prng) < 1_250)
})

test('bounded: seeds above the limit are not kept', () => {
  const seeds = new Seeds({ ...defaultConfig, seedsMax: 2 }, at(1))
  seeds.add([at(2), at(3), at(4)])
  assert.equal(seeds.missing(new Members(10, new Prng(1))).length, 2)
})
