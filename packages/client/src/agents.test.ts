import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type AgentRequest, Agents, baseUrl } from './agents.ts'
import { ApiError, ConnectionError } from './error.ts'

type Fake = (init: RequestInit) => Response | Promise<Response>

interface Asked {
  readonly agents: Agents
  readonly asked: string[]
  readonly answers: Record<string, Fake>
}

/** Agents a, b and c whose answers a test sets; `asked` is who was asked. */
function three(stickyMs = 60_000): Asked {
  const asked: string[] = []
  const answers: Record<string, Fake> = {}
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const name = new URL(String(input)).hostname
    asked.push(name)
    return (answers[name] ?? ok)(init)
  }
  const addresses = ['http://a', 'http://b', 'http://c']
  return { agents: new Agents({ addresses, token: 'secret', fetch, stickyMs }), asked, answers }
}

function ok(): Response {
  return new Response('{}')
}
function busy(): Response {
  return new Response('{"error":"full","code":"overloaded"}', {
    status: 503,
    headers: { 'retry-after': '1' },
  })
}
function broken(code: string): Fake {
  return () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error(`of ${code}`), { code }) })
  }
}
function silent({ signal }: RequestInit): Promise<Response> {
  return new Promise((_resolve, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
}

const read: AgentRequest = {
  method: 'GET',
  path: '/x',
  signal: undefined,
  silenceMs: 60_000,
  effect: 'reads',
}
const write: AgentRequest = { ...read, method: 'POST', body: '[]', effect: 'writes' }

test('the first agent is used while it answers', async () => {
  const { agents, asked } = three()
  for (let i = 0; i < 3; i += 1) assert.equal((await agents.send(read)).address, 'http://a')
  assert.deepEqual(asked, ['a', 'a', 'a'])
})

test('a read goes on to the next agent and stays there, until the first is due again', async (t: TestContext) => {
  const { agents, asked, answers } = three(1_000)
  let now = 0
  t.mock.method(performance, 'now', () => now)
  answers.a = broken('ECONNRESET')
  answers.b = busy
  assert.equal((await agents.send(read)).address, 'http://c')
  assert.equal((await agents.send(read)).address, 'http://c')
  assert.deepEqual(asked, ['a', 'b', 'c', 'c'])
  answers.a = ok
  now = 1_000
  assert.equal((await agents.send(read)).address, 'http://a')
})

test('the agent in use fails: the others in their order', async () => {
  const { agents, asked, answers } = three()
  answers.a = busy
  await agents.send(read)
  answers.b = busy
  answers.a = ok
  assert.equal((await agents.send(read)).address, 'http://a')
  assert.deepEqual(asked, ['a', 'b', 'b', 'a'])
})

test('a write goes on only where nothing can have been written', async () => {
  for (const fake of [busy, broken('ECONNREFUSED'), broken('ENOTFOUND')]) {
    const { agents, answers } = three()
    answers.a = fake
    assert.equal((await agents.send(write)).address, 'http://b')
  }
  for (const fake of [broken('ECONNRESET'), broken('UND_ERR_SOCKET'), broken('')]) {
    const { agents, asked, answers } = three()
    answers.a = fake
    await assert.rejects(
      agents.send(write),
      (cause) => cause instanceof ConnectionError && cause.kind === 'unanswered',
    )
    assert.deepEqual(asked, ['a'])
  }
})

test('a refusal is no reason to ask another agent', async () => {
  for (const status of [400, 401, 404, 500, 504]) {
    const { agents, asked, answers } = three()
    answers.a = () => new Response('{"error":"no","code":"x"}', { status })
    await assert.rejects(agents.send(read), { name: 'ApiError', status })
    assert.deepEqual(asked, ['a'])
  }
})

test('when all fail, the last failure is what is thrown', async () => {
  const { agents, asked, answers } = three()
  answers.a = broken('ECONNREFUSED')
  answers.b = broken('ECONNREFUSED')
  answers.c = busy
  await assert.rejects(agents.send(read), (cause) => {
    assert.ok(cause instanceof ApiError)
    return cause.status === 503 && cause.code === 'overloaded' && cause.retryAfterMs === 1_000
  })
  assert.deepEqual(asked, ['a', 'b', 'c'])
})

test('a refusal in each of its forms', async () => {
  const cases = [
    [400, '{"error":"no","code":"ddl"}', 'no', 'ddl'],
    [500, '{"results":[{"error":"UNIQUE"}],"code":"x"}', 'UNIQUE', 'x'],
    [401, '', 'the agent wants a token that it knows', undefined],
    [502, '<html>', 'the agent answered 502: <html>', undefined],
    [500, '{"error":7,"results":[null],"code":7}', 'the agent answered 500: {"error":7', undefined],
    [500, 'null', 'the agent answered 500: null', undefined],
    [404, '', 'the agent answered 404', undefined],
  ] as const
  for (const [status, body, sentence, code] of cases) {
    const { agents, answers } = three()
    answers.a = () => new Response(body, { status })
    await assert.rejects(agents.send(read), (cause) => {
      assert.ok(cause instanceof ApiError)
      assert.ok(cause.message.startsWith(sentence), cause.message)
      return cause.code === code && cause.status === status
    })
  }
})

test('silence ends a request', async () => {
  const { agents, asked, answers } = three()
  answers.a = silent
  assert.equal((await agents.send({ ...read, silenceMs: 5 })).address, 'http://b')
  await assert.rejects(agents.sendTo('http://a', { ...write, silenceMs: 5 }), {
    name: 'ConnectionError',
    kind: 'unanswered',
  })
  assert.deepEqual(asked, ['a', 'b', 'a'])
})

test("the caller's abort passes through and asks nobody else", async () => {
  const { agents, asked, answers } = three()
  answers.a = silent
  const controller = new AbortController()
  const sent = agents.send({ ...read, signal: controller.signal })
  controller.abort()
  await assert.rejects(sent, { name: 'AbortError' })
  await assert.rejects(agents.send({ ...read, signal: controller.signal }), { name: 'AbortError' })
  assert.deepEqual(asked, ['a'])
})

test('a body that breaks off or falls silent is a ConnectionError', async () => {
  const { agents, answers } = three()
  answers.a = () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.error(new Error('reset')),
      }),
    )
  await assert.rejects((await agents.send(read)).json(1_000), { name: 'ConnectionError', kind: 'broken' })
  answers.a = () => new Response(new ReadableStream())
  await assert.rejects((await agents.send(read)).json(5), (cause) => {
    assert.ok(cause instanceof ConnectionError)
    return cause.kind === 'broken' && cause.message.endsWith('nothing came for 5 ms')
  })
  answers.a = () => new Response('{')
  await assert.rejects((await agents.send(read)).json(5), { name: 'ProtocolError' })
})

test('an answer that is read as a whole is bounded', async () => {
  const { agents, answers } = three()
  const mebibyte = new Uint8Array(1024 * 1024)
  answers.a = () => new Response(new ReadableStream({ pull: (controller) => controller.enqueue(mebibyte) }))
  await assert.rejects((await agents.send(read)).json(60_000), /longer than 67108864 bytes/)
})

test('what is sent: token, content type, no redirects', async () => {
  const { agents, answers } = three()
  let seen: RequestInit = {}
  answers.a = (init) => {
    seen = init
    return ok()
  }
  await agents.send(write)
  const { headers, method, body, redirect } = seen
  assert.deepEqual([method, body, redirect], ['POST', '[]', 'error'])
  assert.deepEqual(headers, {
    accept: 'application/json, application/x-ndjson',
    authorization: 'Bearer secret',
    'content-type': 'application/json',
  })
})

test('a token that is asked for each time may change, or end', async () => {
  const seen: unknown[] = []
  const fetch = async (_: unknown, init: RequestInit = {}): Promise<Response> => {
    seen.push((init.headers as Record<string, string>).authorization)
    return ok()
  }
  const tokens = ['first', 'second', undefined]
  const agents = new Agents({ addresses: ['a'], token: () => tokens.shift(), fetch, stickyMs: 0 })
  for (let n = 0; n < 3; n += 1) await agents.send(write)
  assert.deepEqual(seen, ['Bearer first', 'Bearer second', undefined])
})

test('addresses as people write them', () => {
  const cases = [
    ['localhost:8080', 'http://localhost:8080'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['https://a.example/agents/', 'https://a.example/agents'],
  ] as const
  for (const [address, base] of cases) assert.equal(baseUrl(address), base)
  for (const address of ['', 'a b', ':80', 'x:99999']) assert.throws(() => baseUrl(address), TypeError)
})
