import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Client, createClient, type SubscribeOptions } from '../src/client.ts'
import {
  ApiError,
  ConnectionError,
  HistoryGoneError,
  MissedChangeError,
  ProtocolError,
} from '../src/error.ts'
import type { SubscriptionEvent } from '../src/subscription.ts'
import {
  COLUMNS,
  changeLine,
  changes,
  endLine,
  ID,
  markLine,
  refuse,
  result,
  rowLine,
  type Script,
  serveScripts,
  thenCut,
} from './wire-server.ts'

const GET = `GET /v1/subscriptions/${ID}`
const POST = 'POST /v1/subscriptions'

/** An event in few characters. */
function brief(event: SubscriptionEvent): string {
  if (event.kind === 'eoq') return `eoq ${event.changeId}`
  if (event.kind === 'change') return `${event.change} ${event.changeId} ${event.cells}`
  return event.kind
}

interface Seen {
  readonly events: string[]
  readonly asked: string[]
  readonly error: unknown
}

/** Subscribes and collects until change `last` was seen or the subscription ended with an error. */
async function follow(
  t: TestContext,
  scripts: readonly Script[],
  options: SubscribeOptions & { readonly last?: number } = {},
): Promise<Seen> {
  const { address, asked } = await serveScripts(t, ...scripts)
  const events: string[] = []
  const subscription = createClient({ addresses: address }).subscribe('S', options)
  try {
    for await (const event of subscription) {
      events.push(brief(event))
      if (event.kind === 'change' && event.changeId === options.last) break
    }
  } catch (error) {
    return { events, asked, error }
  }
  return { events, asked, error: undefined }
}

const RESULT = ['columns', 'row']

test('a result and its changes', async (t) => {
  const { events, asked } = await follow(t, [result(4, 5, 6)], { last: 6 })
  assert.deepEqual(events, [...RESULT, 'eoq 4', 'update 5 c5', 'update 6 c6'])
  assert.deepEqual(asked, [`${POST} "S"`])
})

/** Batches in few characters, until change `last` was in one; then what the subscription says is its last. */
async function followBatches(
  t: TestContext,
  scripts: readonly Script[],
  { last, ...options }: SubscribeOptions & { readonly last: number },
): Promise<{ readonly events: string[]; readonly asked: string[]; readonly lastIds: unknown[] }> {
  const { address, asked } = await serveScripts(t, ...scripts)
  const subscription = createClient({ addresses: address }).subscribe('S', options)
  const [events, lastIds]: [string[], unknown[]] = [[], []]
  for await (const event of subscription.batches()) {
    events.push(event.kind === 'changes' ? event.changes.map(brief).join(', ') : brief(event))
    lastIds.push(subscription.lastChangeId)
    if (event.kind === 'changes' && event.changes.at(-1)?.changeId === last) break
  }
  return { events, asked, lastIds }
}

/** Lines of an agent that gives marks. */
function marked(...lines: readonly string[]): Script {
  return async ({ head, send }) => {
    head(ID, 'marks')
    await send(...lines)
  }
}

test('in batches what was evaluated together comes together', async (t) => {
  const lines = [changeLine(5), changeLine(6), markLine(6), changeLine(7), markLine(7), changeLine(8)]
  const scripts = [marked(COLUMNS, rowLine(1), endLine(4), ...lines)]
  const { events, asked, lastIds } = await followBatches(t, scripts, { last: 7 })
  assert.deepEqual(events, [...RESULT, 'eoq 4', 'update 5 c5, update 6 c6', 'update 7 c7'])
  assert.deepEqual(asked, [`${POST}?marks=true "S"`])
  assert.deepEqual(lastIds, [undefined, undefined, 4, 6, 7])
})

test('a break inside of a batch: it is whole when its rest has come, wherever the agent was meanwhile', async (t) => {
  const scripts = [
    thenCut(marked(COLUMNS, endLine(4), changeLine(5), changeLine(6))),
    thenCut(marked(changeLine(7))),
    thenCut(marked()),
    marked(changeLine(8), markLine(8), changeLine(9), markLine(9)),
  ]
  const { events, asked } = await followBatches(t, scripts, { last: 9 })
  assert.deepEqual(events.slice(2), ['update 5 c5, update 6 c6, update 7 c7, update 8 c8', 'update 9 c9'])
  assert.deepEqual(
    asked.slice(1),
    [6, 7, 7].map((from) => `${GET}?marks=true&from=${from}`),
  )
})

test('a break behind a batch of which the mark was lost', async (t) => {
  const scripts = [thenCut(marked(COLUMNS, endLine(4), changeLine(5))), marked(markLine(5))]
  assert.deepEqual((await followBatches(t, scripts, { last: 5 })).events.at(-1), 'update 5 c5')
})

test('a batch that is never whole is void with its result', async (t) => {
  const gone = refuse(404, `could not find subscription with id ${ID}`)
  const half = thenCut(marked(COLUMNS, endLine(4), changeLine(5)))
  const scripts = [half, gone, marked(COLUMNS, endLine(9), changeLine(10), markLine(10))]
  const { events, lastIds } = await followBatches(t, scripts, { resnapshot: true, last: 10 })
  assert.deepEqual(events, ['columns', 'eoq 4', 'columns', 'eoq 9', 'update 10 c10'])
  assert.deepEqual(lastIds, [undefined, 4, undefined, 9, 10])
})

test('in batches an agent without marks is followed change by change, also one that had them before', async (t) => {
  const scripts = [
    thenCut(marked(COLUMNS, endLine(4), changeLine(5), markLine(5), changeLine(6))),
    changes(7, 8),
  ]
  const { events } = await followBatches(t, scripts, { last: 8 })
  assert.deepEqual(events.slice(2), ['update 5 c5', 'update 6 c6', 'update 7 c7', 'update 8 c8'])
})

test('with skipRows the first mark tells where it begins, so a break can be resumed', async (t) => {
  const scripts = [thenCut(marked(markLine(6))), marked(changeLine(7), markLine(7))]
  const { asked } = await followBatches(t, scripts, { skipRows: true, last: 7 })
  assert.deepEqual(asked, [`${POST}?marks=true&skip_rows=true "S"`, `${GET}?marks=true&from=6`])
})

test('a break resumes behind the last change, also twice and also before the first change', async (t) => {
  const scripts = [thenCut(result(4, 5)), thenCut(changes(6, 7)), thenCut(changes()), changes(8)]
  const { events, asked } = await follow(t, scripts, { last: 8 })
  assert.deepEqual(events, [...RESULT, 'eoq 4', ...[5, 6, 7, 8].map((id) => `update ${id} c${id}`)])
  assert.deepEqual(asked, [`${POST} "S"`, `${GET}?from=5`, `${GET}?from=7`, `${GET}?from=7`])
})

test('an orderly end of the stream is a break too, and a line that is cut off is not read', async (t) => {
  const scripts: Script[] = [
    async ({ head, send, response }) => {
      head()
      await send(COLUMNS, endLine(4))
      response.end('{"change":["update",1,["c5"],5')
    },
    changes(5),
  ]
  const { events, asked } = await follow(t, scripts, { last: 5 })
  assert.deepEqual(events, ['columns', 'eoq 4', 'update 5 c5'])
  assert.equal(asked[1], `${GET}?from=4`)
})

test('resuming from change 0 swallows the result that the agent repeats', async (t) => {
  const { events, asked } = await follow(t, [thenCut(result(0)), result(0, 1)], { last: 1 })
  assert.deepEqual(events, [...RESULT, 'eoq 0', 'update 1 c1'])
  assert.equal(asked[1], `${GET}?from=0`)
})

test('an agent that is overloaded or restarting is asked again', async (t) => {
  const scripts = [
    thenCut(result(4)),
    refuse(503, 'max concurrency limit reached'),
    refuse(500, 'pool'),
    changes(5),
  ]
  const { asked, error } = await follow(t, scripts, { last: 5 })
  assert.equal(error, undefined)
  assert.equal(asked.length, 4)
})

test('who lags is told so and resumes', async (t) => {
  const lagging: Script = async ({ head, send, response }) => {
    head()
    await send(COLUMNS, endLine(4))
    response.end('{"error":"this client lagged; resume from change 4","code":"lagged"}\n')
  }
  const { events, asked } = await follow(t, [lagging, changes(5)], { last: 5 })
  assert.deepEqual([events.at(-1), asked[1]], ['update 5 c5', `${GET}?from=4`])
})

const GONE: readonly (readonly [string, Script])[] = [
  ['unknown id', refuse(404, `could not find subscription with id ${ID}`)],
  [
    'purged',
    async ({ head, response }) => {
      head()
      response.end('{"error":"subscription already deleted older changes, min change id: 9"}\n')
    },
  ],
  ['a change is missing', changes(6)],
  ['a change is doubled', changes(4)],
]

for (const [name, gone] of GONE) {
  test(`the history is gone (${name}): a typed error`, async (t) => {
    const { events, error } = await follow(t, [thenCut(result(4)), gone])
    assert.deepEqual(events, [...RESULT, 'eoq 4'])
    assert.ok(error instanceof HistoryGoneError)
    assert.equal(error.changeId, 4)
    assert.ok(error.cause instanceof ApiError || error.cause instanceof MissedChangeError)
  })

  test(`the history is gone (${name}): a new result where asked for`, async (t) => {
    const scripts = [thenCut(result(4)), gone, result(9, 10)]
    const { events, asked } = await follow(t, scripts, { resnapshot: true, last: 10 })
    assert.deepEqual(events, [...RESULT, 'eoq 4', ...RESULT, 'eoq 9', 'update 10 c10'])
    assert.equal(asked[2], `${POST} "S"`)
  })
}

test('a break inside the result: an error, or a new result where asked for', async (t) => {
  const half = thenCut(async ({ head, send }) => {
    head()
    await send(COLUMNS, rowLine(1))
  })
  const without = await follow(t, [half])
  assert.ok(without.error instanceof ConnectionError && without.error.kind === 'broken')
  const { events } = await follow(t, [half, result(4, 5)], { resnapshot: true, last: 5 })
  assert.deepEqual(events, ['columns', 'row', ...RESULT, 'eoq 4', 'update 5 c5'])
  const headOnly: Script = ({ head, cut }) => {
    head()
    setImmediate(cut)
  }
  assert.equal((await follow(t, [headOnly, result(4, 5)], { last: 5 })).error, undefined)
})

test('from and skipRows at the start', async (t) => {
  const from = await follow(t, [thenCut(changes(7)), changes(8)], { from: 6, last: 8 })
  assert.deepEqual(from.events, ['update 7 c7', 'update 8 c8'])
  assert.deepEqual(from.asked, [`${POST}?from=6 "S"`, `${GET}?from=7`])
  const skipped = await follow(t, [changes(17)], { skipRows: true, last: 17 })
  assert.deepEqual(skipped.asked, [`${POST}?skip_rows=true "S"`])
  const lost = await follow(t, [thenCut(changes())], { skipRows: true })
  assert.ok(lost.error instanceof ConnectionError, 'without a position nothing can be resumed')
})

test('from a subscription that is not there any more', async (t) => {
  const sentence = 'a `from` query param was supplied, but no existing subscription found'
  const { error } = await follow(t, [refuse(400, sentence)], { from: 6 })
  assert.ok(error instanceof HistoryGoneError)
  const again = await follow(t, [refuse(400, sentence), result(4, 5)], { from: 6, resnapshot: true, last: 5 })
  assert.deepEqual(again.events, [...RESULT, 'eoq 4', 'update 5 c5'])
  assert.throws(() => createClient({ addresses: 'a' }).subscribe('S', { from: 0 }), RangeError)
})

test('what ends a subscription at once', async (t) => {
  const failing: Script = async ({ head, response }) => {
    head()
    response.end('{"error":"schema changed","code":"schema_changed"}\n')
  }
  const junk: Script = async ({ head, response }) => {
    head()
    response.end('<html>\n')
  }
  const cases: readonly (readonly [Script, (error: unknown) => boolean])[] = [
    [refuse(400, 'no such table'), (error) => error instanceof ApiError && error.status === 400],
    [refuse(404, ''), (error) => error instanceof ApiError && error.status === 404],
    [refuse(503, 'full'), (error) => error instanceof ApiError && error.status === 503],
    [failing, (error) => error instanceof ApiError && error.code === 'schema_changed'],
    [junk, (error) => error instanceof ProtocolError],
    [({ cut }) => cut(), (error) => error instanceof ConnectionError],
  ]
  for (const [script, expected] of cases) {
    const { error, asked } = await follow(t, [script], { resnapshot: true })
    assert.ok(expected(error), String(error))
    assert.equal(asked.length, 1)
  }
})

test('an agent that stays away: the last failure, after the tries that were allowed', async (t) => {
  const { error, asked } = await follow(t, [thenCut(result(4)), ({ cut }) => cut()], { attemptsMax: 2 })
  assert.ok(error instanceof ConnectionError)
  assert.equal(asked.length, 3)
})

test('what brought something is no failed try', async (t) => {
  const scripts = [thenCut(result(4)), thenCut(changes(5)), thenCut(changes(6)), changes(7)]
  assert.equal((await follow(t, scripts, { attemptsMax: 1, last: 7 })).error, undefined)
})

test('an idle connection that lasted is no failed try', async (t) => {
  const now = performance.now.bind(performance)
  let later = 0
  t.mock.method(performance, 'now', () => now() + later)
  const idle: Script = ({ head, cut }) => {
    head()
    setTimeout(() => {
      later += 5_000
      cut()
    }, 20)
  }
  const scripts = [thenCut(result(4)), idle, idle, changes(5)]
  assert.equal((await follow(t, scripts, { attemptsMax: 1, last: 5 })).error, undefined)
})

test('an agent without an id cannot be resumed', async (t) => {
  const nameless: Script = thenCut(async ({ head, send }) => {
    head('')
    await send(COLUMNS, endLine(4))
  })
  assert.ok((await follow(t, [nameless])).error instanceof ConnectionError)
  assert.equal((await follow(t, [nameless, result(4, 5)], { resnapshot: true, last: 5 })).error, undefined)
})

test('lines that keep alive are no events; after one, silence is a break', async (t) => {
  const alive: Script = async ({ head, send }) => {
    head()
    await send(COLUMNS, '', endLine(4), '')
  }
  const { events, asked } = await follow(t, [alive, changes(5)], { silenceMs: 20, last: 5 })
  assert.deepEqual(events, ['columns', 'eoq 4', 'update 5 c5'])
  assert.equal(asked[1], `${GET}?from=4`)
})

test('another agent gives a new result when the first stays away', async (t) => {
  const first = await serveScripts(t, result(4))
  const second = await serveScripts(t, result(7, 8))
  const client = createClient({ addresses: [first.address, second.address] })
  const events: string[] = []
  for await (const event of client.subscribe('S', { resnapshot: true })) {
    events.push(brief(event))
    if (events.at(-1) === 'eoq 4') first.stop()
    if (events.at(-1) === 'update 8 c8') break
  }
  assert.deepEqual(events, [...RESULT, 'eoq 4', ...RESULT, 'eoq 7', 'update 8 c8'])
})

test('close ends it in order while it waits; an abort passes through', async (t) => {
  const { address } = await serveScripts(t, result(4))
  const client: Client = createClient({ addresses: address })
  const closed = client.subscribe('S')
  for await (const event of closed) if (event.kind === 'eoq') setImmediate(() => closed.close())
  assert.deepEqual([closed.id, closed.lastChangeId], [ID, 4])
  assert.throws(() => closed[Symbol.asyncIterator](), TypeError)
  const controller = new AbortController()
  await assert.rejects(
    async () => {
      for await (const event of client.subscribe('S', { signal: controller.signal }))
        if (event.kind === 'eoq') setImmediate(() => controller.abort())
    },
    { name: 'AbortError' },
  )
})
