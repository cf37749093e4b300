import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createClient, type WatchOptions } from '../src/client.ts'
import { ApiError, ConnectionError, ProtocolError } from '../src/error.ts'
import { refuse, type Script, serveScripts, thenCut } from './wire-server.ts'

const list = (...members: readonly string[]): string => `{"members":[${members.map(json).join()}]}`
const changed = (member: string): string => `{"member":${json(member)}}`

/** `n1 alive` → a member; the one named n1 is the agent itself in lists. */
function json(text: string): string {
  const [name, state] = text.split(' ')
  return JSON.stringify({ actor: `actor of ${name}`, name, state, self: name === 'n1' })
}

/** Lines of one connection, which stays open. */
function says(...lines: readonly string[]): Script {
  return async ({ head, send }) => {
    head('')
    await send(...lines)
  }
}

interface Seen {
  readonly lists: string[]
  readonly asked: string[]
  readonly error: unknown
}

/** Watches until there were `count` lists, or to the error. */
async function watch(
  t: TestContext,
  scripts: readonly Script[],
  { count = Number.POSITIVE_INFINITY, ...options }: WatchOptions & { readonly count?: number } = {},
): Promise<Seen> {
  const { address, asked } = await serveScripts(t, ...scripts)
  const lists: string[] = []
  try {
    for await (const members of createClient({ addresses: address }).watchMembers(options)) {
      lists.push(members.map(({ name, state, self }) => `${name} ${state}${self ? '*' : ''}`).join())
      if (lists.length === count) break
    }
  } catch (error) {
    return { lists, asked, error }
  }
  return { lists, asked, error: undefined }
}

test('the list, then the list with each change', async (t) => {
  const script = says(
    list('n1 alive', 'n2 alive'),
    changed('n2 suspect'),
    '',
    changed('n3 alive'),
    changed('n1 left'),
  )
  const { lists, asked } = await watch(t, [script], { count: 4 })
  assert.deepEqual(lists, [
    'n1 alive*,n2 alive',
    'n1 alive*,n2 suspect',
    'n1 alive*,n2 suspect,n3 alive',
    'n1 left*,n2 suspect,n3 alive',
  ])
  assert.deepEqual(asked, ['GET /v1/members?watch'])
})

test('after a break the list comes anew', async (t) => {
  const scripts = [thenCut(says(list('n1 alive'))), refuse(503, 'busy'), says(list('n1 alive', 'n2 down'))]
  const { lists, asked } = await watch(t, scripts, { count: 2 })
  assert.deepEqual(lists, ['n1 alive*', 'n1 alive*,n2 down'])
  assert.equal(asked.length, 3)
})

test('after an empty line, silence is a break', async (t) => {
  const { lists } = await watch(t, [says(list('n1 alive'), ''), says(list('n1 left'))], {
    count: 2,
    silenceMs: 20,
  })
  assert.deepEqual(lists, ['n1 alive*', 'n1 left*'])
})

test('a first try that fails is not repeated, and neither is a refusal', async (t) => {
  const first = await watch(t, [refuse(503, 'busy')])
  assert.ok(first.error instanceof ApiError)
  assert.equal(first.asked.length, 1)
  const refused = await watch(t, [thenCut(says(list('n1 alive'))), refuse(403, 'no')])
  assert.ok(refused.error instanceof ApiError && refused.error.status === 403)
  assert.equal(refused.asked.length, 2)
})

test('tries in a row that bring nothing come to an end', async (t) => {
  const scripts = [thenCut(says(list('n1 alive'))), thenCut(says())]
  const { error, asked } = await watch(t, scripts, { attemptsMax: 2 })
  assert.ok(error instanceof ConnectionError)
  assert.equal(asked.length, 3)
})

test('lines that are nothing like members are a ProtocolError', async (t) => {
  for (const line of [
    '{',
    '[]',
    '{"member":{}}',
    '{"member":{"actor":"a","name":"b","state":"c"}}',
    list(),
  ]) {
    const { error } = await watch(t, [says(list('n1 alive'), line)])
    assert.ok(error instanceof ProtocolError, line)
  }
})

test('an abort ends the watch with its reason, also while it waits', async (t) => {
  const reason = new Error('enough')
  const waiting = new AbortController()
  setTimeout(() => waiting.abort(reason), 20)
  const { error } = await watch(t, [says(list('n1 alive'))], { signal: waiting.signal })
  assert.equal(error, reason)
  const { error: inPause } = await watch(
    t,
    [thenCut(says(list('n1 alive'))), refuse(503, 'busy', { 'retry-after': '60' })],
    {
      signal: AbortSignal.timeout(150),
    },
  )
  assert.equal((inPause as Error).name, 'TimeoutError')
})
