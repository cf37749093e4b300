import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '@patina/base'
import type { Client, Member } from '@patina/client'
import { Aggregator, type AggregatorParts, InstancesUnknown, instanceSource } from './aggregator.ts'
import { PeerFailure } from './peers.ts'

function member(region: string, rttMs: number): Member {
  return {
    ...{ actor: region, name: region, addr: '', api_addr: '', state: 'alive', self: false, region },
    ...{ generation: 1, incarnation: 1, rtt_ms: rttMs, since_ms: 0, tags: {} },
  }
}

/** In nrt, 104 ms from syd; `ams` is known by configuration alone. */
function aggregatorOf(peers: AggregatorParts['peers'], now = { ms: 0 }): Aggregator {
  const rows = ['ams', 'syd'].map((region) => ({ app: 'web', region, healthy: 1 }))
  const parts = {
    ...{ region: 'nrt', name: 'main', version: '0', publishers: [], routeTable: 'live_app_regions' },
    global: { query: () => ({ all: async () => rows }) } as unknown as Client,
    lease: { members: [member('syd', 104)], aggregators: [], role: () => 'waits', isRegionReady: true },
    telemetry: { health: 'well' },
    peers,
    configuredDistances: new Map([['ams-nrt', 250]]),
    now: () => instant(now.ms),
  }
  return new Aggregator(parts as unknown as AggregatorParts)
}

const SILENT = { distances: async (): Promise<never> => Promise.reject(new PeerFailure('none is there')) }

test('distances from its own region are measured, else configured', async () => {
  const routes = await aggregatorOf(SILENT).route('web', 'nrt')
  assert.deepEqual(
    routes.map(({ region, distance_ms: ms }) => [region, ms]),
    [
      ['syd', 104],
      ['ams', 250],
    ],
  )
})

test('another region is asked for its distances, once in a while; where none answers the configured ones are left', async () => {
  let asked = 0
  const distances = async (): Promise<Map<string, number>> => {
    asked += 1
    return new Map([['ams', 30]])
  }
  const now = { ms: 0 }
  const aggregator = aggregatorOf({ distances }, now)
  const nearest = async (from: string): Promise<string | undefined> =>
    (await aggregator.route('web', from))[0]?.region
  assert.deepEqual([await nearest('fra'), await nearest('fra'), asked], ['ams', 'ams', 1])
  now.ms = 31_000
  await nearest('fra')
  assert.equal(asked, 2)
  assert.equal((await aggregatorOf(SILENT).route('web', 'nrt'))[1]?.distance_ms, 250)
})

test('a release of what is no roll-up, and the status of one without', () => {
  const aggregator = aggregatorOf(SILENT)
  assert.equal(aggregator.release('other'), undefined)
  assert.deepEqual((aggregator.status() as { rollups: unknown }).rollups, [])
})

test('instances of this region come from its agent, others from there; without a query they are unknown', async () => {
  const asked: string[] = []
  const peers = {
    async *instances(region: string): AsyncGenerator<never[]> {
      asked.push(region)
      yield []
    },
  }
  const regional = { subscribe: () => ({ batches: () => [].values() }) } as unknown as Client
  const { signal } = new AbortController()
  const open = instanceSource({ region: 'nrt', regional, query: 'SELECT' }, peers)
  for await (const _ of open('nrt', 'web', signal)) assert.fail('nothing is told')
  for await (const list of open('syd', 'web', signal)) assert.deepEqual(list, [])
  assert.deepEqual(asked, ['syd'])
  const blind = instanceSource({ region: 'nrt', regional, query: undefined }, peers)
  assert.throws(() => blind('nrt', 'web', signal), InstancesUnknown)
})
