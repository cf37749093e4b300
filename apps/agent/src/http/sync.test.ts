import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, type ActorKnowledge, actorId, hlc, millis, ok, seq, version } from '@patina/base'
import type { Comparison } from '@patina/sync'
import { Hono } from 'hono'
import { handleCompare, handleKnowledge, handleReconcile, type SyncServices } from './sync.ts'

const [SELF, PEER, GONE] = ['a', 'b', 'c'].map((digit) => actorId(digit.repeat(32))) as [
  ActorId,
  ActorId,
  ActorId,
]

function held(actor: ActorId, ranges: readonly [number, number][], head: number): ActorKnowledge {
  const have = ranges.map(([first, last]) => ({ first: version(first), last: version(last) }))
  return { actor, have, partials: [], head: version(head), headTs: hlc(7_000_500) }
}

const NO_DIFFERENCE = { lacks: [], peer_lacks: [], lost: [], peer_lost: [] }
const PARTIAL = { version: version(9), seqs: [{ first: seq(0), last: seq(3) }], lastSeq: seq(7) }

function app(fakes: Partial<SyncServices> = {}): Hono {
  const services: SyncServices = {
    self: SELF,
    knowledge: () => [
      held(SELF, [[1, 4]], 4),
      {
        ...held(
          GONE,
          [
            [1, 3],
            [6, 7],
          ],
          9,
        ),
        lost: [{ first: version(4), last: version(4) }],
        partials: [PARTIAL],
      },
    ],
    lag: () => [
      { actor: SELF, version: version(4), behind: 0, ageMs: millis(0) },
      { actor: GONE, version: version(9), behind: 3, ageMs: undefined },
    ],
    peers: () => [{ actor: PEER, settled: true, comparedMsAgo: millis(12.4) }],
    compare: async () => ({ kind: 'equal' }),
    reconcile: () => {},
    ...fakes,
  }
  const bodies = {
    readJson: async (c: { req: { json(): Promise<unknown> } }) => ok({ value: await c.req.json() }),
  } as unknown as Parameters<typeof handleReconcile>[2]
  return new Hono()
    .get('/knowledge', (c) => handleKnowledge(c, services))
    .get('/compare', (c) => handleCompare(c, services))
    .post('/reconcile', (c) => handleReconcile(c, services, bodies))
}

test('tells of each actor what is held, what is missing and what waits for its rest', async () => {
  const answer = await (await app().request('/knowledge')).json()
  assert.deepEqual(answer, {
    actor: SELF,
    actors: [
      {
        actor: SELF,
        head: 4,
        head_ms: 7_000,
        age_ms: 0,
        held: 4,
        missing: 0,
        complete: true,
        gap_count: 0,
        gaps: [],
        lost: 0,
        lost_range_count: 0,
        lost_ranges: [],
        partial_count: 0,
        partials: [],
      },
      {
        actor: GONE,
        head: 9,
        head_ms: 7_000,
        age_ms: null,
        held: 5,
        missing: 3,
        complete: false,
        gap_count: 2,
        gaps: [
          [5, 5],
          [8, 9],
        ],
        lost: 1,
        lost_range_count: 1,
        lost_ranges: [[4, 4]],
        partial_count: 1,
        partials: [{ version: 9, seqs: [[0, 3]], last_seq: 7 }],
      },
    ],
    peers: [{ actor: PEER, settled: true, compared_ms_ago: 12 }],
  })
})

test('knows an actor by a head that somebody told of, and cuts gaps unless one actor is asked for', async () => {
  const every2nd = Array.from({ length: 40 }, (_, i): [number, number] => [2 * i + 1, 2 * i + 1])
  const fakes: Partial<SyncServices> = {
    knowledge: () => [held(GONE, every2nd, 79)],
    lag: () => [{ actor: GONE, version: version(90), behind: 50, ageMs: undefined }],
  }
  const read = async (query: string): Promise<Record<string, unknown>> => {
    const answer = (await (await app(fakes).request(`/knowledge${query}`)).json()) as {
      actors: Record<string, unknown>[]
    }
    return answer.actors[0] as Record<string, unknown>
  }
  const all = await read('')
  assert.deepEqual([all.head, all.head_ms, all.missing, all.gap_count], [90, null, 50, 40])
  assert.equal((all.gaps as unknown[]).length, 16)
  assert.deepEqual((all.gaps as unknown[]).at(-1), [80, 90])
  assert.equal(((await read(`?actor=${GONE}`)).gaps as unknown[]).length, 40)
  assert.equal((await app(fakes).request(`/knowledge?actor=${PEER}`)).status, 404)
  assert.equal((await app(fakes).request('/knowledge?actor=x')).status, 400)
})

test('tells a comparison, or why there is none', async () => {
  const versions = [
    { first: version(3), last: version(5) },
    { first: version(9), last: version(9) },
  ]
  const nothing = { lacks: [], peerLacks: [], lost: [], peerLost: [] }
  const differs: Comparison = { kind: 'differs', ...nothing, lacks: [{ actor: GONE, versions }] }
  const compare = async (comparison: Comparison): Promise<[number, unknown, string | null]> => {
    const answer = await app({ compare: async () => comparison }).request(`/compare?peer=${PEER}`)
    return [answer.status, await answer.json(), answer.headers.get('retry-after')]
  }
  assert.deepEqual(await compare({ kind: 'equal' }), [
    200,
    { peer: PEER, equal: true, ...NO_DIFFERENCE },
    null,
  ])
  const lacks = [
    {
      actor: GONE,
      versions: 4,
      ranges: [
        [3, 5],
        [9, 9],
      ],
    },
  ]
  assert.deepEqual((await compare(differs))[1], { peer: PEER, equal: false, ...NO_DIFFERENCE, lacks })
  const givenUp: Comparison = { kind: 'differs', ...nothing, peerLost: [{ actor: GONE, versions }] }
  assert.deepEqual((await compare(givenUp))[1], {
    peer: PEER,
    equal: false,
    ...NO_DIFFERENCE,
    peer_lost: lacks,
  })
  assert.equal((await compare({ kind: 'no-session' }))[0], 404)
  assert.equal((await compare({ kind: 'silent' }))[0], 504)
  assert.equal((await compare({ kind: 'too-many' }))[0], 503)
  const [status, , retryAfter] = await compare({ kind: 'refused', retryMs: 1_200 })
  assert.deepEqual([status, retryAfter], [503, '2'])
  assert.equal((await app().request('/compare')).status, 400)
})

test('begins an exchange with a connected member, or with all', async () => {
  const asked: unknown[] = []
  const post = (body: object): Promise<Response> =>
    Promise.resolve(
      app({ reconcile: (peer) => asked.push(peer) }).request('/reconcile', {
        method: 'POST',
        body: JSON.stringify(body),
      }),
    )
  assert.deepEqual(await (await post({})).json(), { peers: 1 })
  assert.deepEqual(await (await post({ peer: PEER })).json(), { peers: 1 })
  assert.deepEqual(asked, [undefined, PEER])
  assert.equal((await post({ peer: GONE })).status, 404)
  assert.equal((await post({ peer: 7 })).status, 422)
  assert.equal(asked.length, 2)
})
