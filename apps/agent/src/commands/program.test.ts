import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type CommandIo, runProgram } from '@patina/program'
import { PATINA } from './program.ts'

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

function run(...argv: string[]): Promise<Run> {
  return runOn(false, ...argv)
}

async function runOn(terminal: boolean, ...argv: string[]): Promise<Run> {
  const interrupt = new AbortController()
  let [out, err] = ['', '']
  const io: CommandIo = {
    out: (text) => {
      out += text
      // The change after which the tests have seen enough.
      if (text.includes('last')) interrupt.abort()
    },
    err: (text) => {
      err += text
    },
    taken: async () => {},
    environment: {},
    terminal,
    interrupted: () => interrupt.signal,
  }
  return { code: await runProgram(PATINA, argv, io), out, err }
}

/** An HTTP server with one answer; `seen` holds the requests as `method path body`. */
async function answering(
  t: TestContext,
  status: number,
  body: string,
): Promise<{ api: string; seen: string[] }> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (data) => {
      text += data
    })
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${text}`)
      response.writeHead(status).end(body)
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => server.close())
  return { api: `--api-addr=127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

test('help and version go to stdout', async () => {
  for (const flag of ['--help', '-h', 'help']) {
    const { code, out, err } = await run(flag)
    assert.deepEqual([code, err], [0, ''])
    for (const command of ['agent', 'query', 'exec', 'watch', 'cluster members'])
      assert.match(out, new RegExp(`patina ${command}`))
  }
  assert.match((await run('--version')).out, /^patina \d+\.\d+\.\d+\n$/)
  assert.match((await run('query', '--help')).out, /^patina query SQL .*--format/)
})

test('usage errors: sentence and usage on stderr, exit code 2', async () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [[], /a command is missing/],
    [['constructor'], /unknown command constructor/],
    [['query'], /SQL is missing\nusage: patina query/],
    [['query', 'S', '--timeout', 'x'], /--timeout takes a whole number/],
    [['query', 'S', '--format', 'xml'], /--format takes/],
    [['query', 'S', '--max-age', 'x'], /--max-age takes a whole number/],
    [['exec', 'S', '--wait', 'all'], /--wait takes a number of other members, not all/],
    [['cluster', 'mute'], /mute takes one member/],
    [['sync', 'missing', 'x'], /takes no more words/],
    [['sync', 'give-up'], /give-up takes one MEMBER or actor, and perhaps VERSIONS/],
    [['sync', 'give-up', 'ab'.repeat(16), '5-3'], /VERSIONS are such as 3-5,9/],
    [['sync', 'give-up', 'ab'.repeat(16), 'all'], /VERSIONS are such as 3-5,9/],
    [['exec', 'S', '--bogus'], /bogus/],
    [['cluster', 'destroy'], /unknown: cluster destroy/],
    [['agent', 'now'], /agent takes no arguments/],
  ]
  for (const [argv, sentence] of cases) {
    const { code, out, err } = await run(...argv)
    assert.deepEqual([code, out], [2, ''], argv.join(' '))
    assert.match(err, sentence)
  }
})

test('a configuration that cannot be read is 1, an agent that does not answer is 3', async () => {
  assert.equal((await run('agent', '--config', '/nowhere/config.toml')).code, 1)
  const unreachable = await run('query', '--api-addr', '127.0.0.1:1', 'SELECT 1')
  assert.deepEqual([unreachable.code, unreachable.out], [3, ''])
})

test('query prints rows, keeps digits, names the time on stderr', async (t) => {
  const lines = ['{"columns":["a","b"]}', '{"row":[1,[9007199254740993,null]]}', '{"eoq":{"time":0.5}}', '']
  const { api, seen } = await answering(t, 200, lines.join('\n'))
  const listed = await run('query', api, 'SELECT ?', '--param', 'x', '--timeout', '3', '--timer')
  assert.deepEqual(listed, { code: 0, out: '9007199254740993|\n', err: 'time: 0.5s\n' })
  assert.deepEqual(seen, ['POST /v1/queries?timeout=3 ["SELECT ?",["x"]]'])
  assert.equal((await run('query', api, 'S', '--format', 'csv')).out, 'a,b\r\n9007199254740993,\r\n')
  await run('query', api, 'S', '--max-age', '5')
  assert.equal(seen.at(-1), 'POST /v1/queries?max_age=5 ["S",[]]')
})

test('a query that fails in its stream, or whose stream breaks off, is 1', async (t) => {
  const failing = await answering(t, 200, '{"columns":["a"]}\n{"error":"interrupted"}\n')
  assert.deepEqual(await run('query', failing.api, 'S'), { code: 1, out: '', err: 'interrupted\n' })
  const cut = await answering(t, 200, '{"columns":["a"]}\n')
  const broken = await run('query', cut.api, 'S')
  assert.deepEqual([broken.code, broken.out], [1, ''])
  assert.match(
    broken.err,
    /^the connection to the agent at .* broke: the answer ended before its end line\n$/,
  )
})

test('exec prints the affected rows, or the whole answer', async (t) => {
  const answer = '{"results":[{"rows_affected":2,"time":0.1}],"time":0.2,"version":1,"actor_id":"a"}'
  const { api, seen } = await answering(t, 200, answer)
  assert.deepEqual(await run('exec', api, 'S', '--param', 'x', '--timer'), {
    code: 0,
    out: 'Rows affected: 2\n',
    err: 'Run Time: real 0.2\n',
  })
  assert.equal(seen[0], 'POST /v1/transactions [["S",["x"]]]')
  assert.equal((await run('exec', api, 'S', '--json')).out, `${answer}\n`)
  await run('exec', api, 'S', '--wait', '2')
  assert.equal(seen.at(-1), 'POST /v1/transactions?wait=2 [["S",[]]]')
})

function memberNamed(name: string, actor: string): object {
  const address = { region: '', addr: '10.0.0.1:1', api_addr: '', state: 'alive', self: false }
  return { actor, name, ...address, generation: 1, incarnation: 0, rtt_ms: null, tags: {}, since_ms: 0 }
}

test('a member is muted by its name, and unmuted by its actor whoever is a member', async (t) => {
  const actor = 'ab'.repeat(16)
  const { api, seen } = await answering(t, 200, JSON.stringify({ members: [memberNamed('ams-1', actor)] }))
  assert.equal((await run('cluster', api, 'mute', 'ams-1')).code, 0)
  assert.equal(seen.at(-1), `POST /v1/cluster/mute {"actor":"${actor}"}`)
  assert.equal((await run('cluster', api, 'unmute', 'cd'.repeat(16))).code, 0)
  assert.equal(seen.at(-1), `POST /v1/cluster/unmute {"actor":"${'cd'.repeat(16)}"}`)
  assert.equal((await run('cluster', api, 'mute', 'nobody')).code, 1)
})

const GONE = 'ab'.repeat(16)
const MISSING = {
  actor: GONE,
  head: 9,
  missing: [
    [2, 4],
    [7, 7],
  ],
  held_by_others: [[7, 7]],
  unobtainable: [[2, 4]],
  lost: [],
}

test('sync missing tells of whom which versions are not there', async (t) => {
  const members = [memberNamed('ams-1', 'cd'.repeat(16))]
  const { api, seen } = await answering(t, 200, JSON.stringify({ actors: [MISSING], members }))
  const { code, out } = await run('sync', api, 'missing')
  assert.deepEqual(
    [code, out.split('\n')],
    [
      0,
      [
        `${GONE}, known up to 9`,
        '  missing: 2-4,7',
        '  held by connected members: 7',
        '  held by nobody for a day: 2-4',
        '',
      ],
    ],
  )
  assert.deepEqual(JSON.parse((await run('sync', api, 'missing', '--json')).out), [MISSING])
  assert.equal(seen.at(-1), 'GET /v1/sync/missing ')
  const none = await answering(t, 200, '{"actors":[]}')
  assert.equal((await run('sync', none.api, 'missing')).out, 'nothing is missing\n')
})

test('sync give-up only tells what would be lost, until it is said with --yes', async (t) => {
  const members = [memberNamed('ams-1', GONE)]
  const asking = await answering(t, 200, JSON.stringify({ actors: [MISSING], members }))
  const asked = await run('sync', asking.api, 'give-up', GONE)
  assert.equal(asked.code, 1)
  assert.match(asked.out, /^ams-1 \((ab){16}\), known up to 9\n/)
  assert.match(asked.out, /missing: 2-4,7\n(.*\n)*nothing is given up yet; say it with --yes\n$/)
  assert.deepEqual(asking.seen, ['GET /v1/members ', 'GET /v1/sync/missing '])
  const doing = await answering(t, 200, JSON.stringify({ actor: GONE, lost: [[2, 4]], members }))
  const done = await run('sync', doing.api, 'give-up', GONE, '--yes')
  assert.deepEqual(done, {
    code: 0,
    out: 'given up on all members: versions 2-4; a copy that turns up is taken\n',
    err: '',
  })
  assert.equal((await run('sync', doing.api, 'give-up', GONE, '2-4,9', '--yes', '--json')).code, 0)
  assert.deepEqual(
    doing.seen.filter((line) => line.startsWith('POST')),
    [
      `POST /v1/sync/give-up {"actor":"${GONE}"}`,
      `POST /v1/sync/give-up {"actor":"${GONE}","versions":[[2,4],[9,9]]}`,
    ],
  )
})

test('sync give-up takes a name that one member alone has', async (t) => {
  const [one, another] = [memberNamed('ams-1', GONE), memberNamed('ams-1', 'cd'.repeat(16))]
  const answer = { actor: GONE, lost: [] }
  const named = await answering(t, 200, JSON.stringify({ ...answer, members: [one] }))
  assert.equal((await run('sync', named.api, 'give-up', 'ams-1', '--yes')).code, 0)
  assert.equal(named.seen.at(-1), `POST /v1/sync/give-up {"actor":"${GONE}"}`)
  const twice = await answering(t, 200, JSON.stringify({ ...answer, members: [one, another] }))
  const refused = await run('sync', twice.api, 'give-up', 'ams-1', '--yes')
  assert.equal(refused.code, 1)
  assert.match(refused.err, /2 members are named ams-1; give the address or the actor/)
  assert.deepEqual(twice.seen, ['GET /v1/members '])
})

test('sync compare tells what one of two has given up and the other has not heard of', async (t) => {
  const members = [memberNamed('ams-1', GONE)]
  const lost = [{ actor: GONE, versions: 3, ranges: [[2, 4]] }]
  const comparison = { peer: GONE, equal: false, lacks: [], peer_lacks: [], lost, peer_lost: [] }
  const { api } = await answering(t, 200, JSON.stringify({ ...comparison, members }))
  const { code, out } = await run('sync', api, 'compare', 'ams-1')
  const lines = ['ams-1 has not heard that these are given up: 3 versions', '  3 of ams-1: 2-4', '']
  assert.deepEqual([code, out.split('\n')], [1, lines])
})

test('a token that is missing: what to do about it', async (t) => {
  const { api } = await answering(t, 401, '')
  const { code, err } = await run('query', api, 'S')
  assert.deepEqual([code, err], [1, 'the agent wants a token: set PATINA_TOKEN or give --token-file\n'])
})

test('exec says what the agent refused', async (t) => {
  const { api } = await answering(t, 500, '{"results":[{"error":"UNIQUE constraint failed"}],"version":null}')
  assert.deepEqual(await run('exec', api, 'S'), { code: 1, out: '', err: 'UNIQUE constraint failed\n' })
})

test('cluster members as a table and as JSON', async (t) => {
  const member = {
    actor: 'a1',
    name: 'one',
    region: 'ams',
    addr: '10.0.0.1:7',
    api_addr: '',
    state: 'alive',
    self: true,
    generation: 1,
    incarnation: 0,
    rtt_ms: null,
    tags: {},
    since_ms: 0,
  }
  const { api } = await answering(t, 200, JSON.stringify({ members: [member] }))
  assert.match(
    (await run('cluster', 'members', api)).out,
    /one \(self\) +ams +10\.0\.0\.1:7 +alive +1970-01-01T00:00:00\.000Z +a1/,
  )
  assert.deepEqual(JSON.parse((await run('cluster', 'members', '--json', api)).out), [member])
})

const EVENTS = [
  '{"columns":["id","n"]}',
  '{"row":[1,["a",9007199254740993]]}',
  '{"eoq":{"time":0.5,"change_id":4}}',
  '{"change":["insert",2,["b\\nc",1.0],5]}',
  '{"change":["update",1,["a",null],6]}',
  '{"change":["delete",2,["last",[0,255]],7]}',
]

test('watch: one line per event, or the events as they came, until Ctrl-C', async (t) => {
  const { api, seen } = await answering(t, 200, `${EVENTS.join('\n')}\n`)
  const lines = [
    'columns|id|n',
    'row|a|9007199254740993',
    'eoq|4',
    'insert|b⏎c|1.0',
    'update|a|',
    "delete|last|x'00ff'",
  ]
  const plain = await run('watch', api, 'SELECT ?', '--param', 'x')
  assert.deepEqual(plain, { code: 0, out: `${lines.join('\n')}\n`, err: '' })
  assert.equal(seen[0], 'POST /v1/subscriptions?keep_alive=15 ["SELECT ?",["x"]]')
  const json = await run('watch', api, 'S', '--json')
  assert.deepEqual(json, { code: 0, out: `${EVENTS.join('\n')}\n`, err: '' })
})

test('watch on a terminal: a table, then the changes', async (t) => {
  const { api } = await answering(t, 200, `${EVENTS.join('\n')}\n`)
  const table = 'id  n\n--  ----------------\na   9007199254740993\n'
  assert.deepEqual(await runOn(true, 'watch', api, 'S'), {
    code: 0,
    out: `${table}+ b⏎c|1.0\n~ a|\n- last|x'00ff'\n`,
    err: 'changes follow; Ctrl-C ends\n',
  })
})

test('watch at an agent that refuses says its word and ends with 1', async (t) => {
  const refusing = await answering(t, 400, '{"error":"no such table"}')
  assert.deepEqual(await run('watch', refusing.api, 'S'), { code: 1, out: '', err: 'no such table\n' })
})

test('consul hands the line to the bridge’s executable and ends with its exit code', async () => {
  assert.deepEqual([(await run('consul', 'check')).code, (await run('consul', 'schema', 'now')).code], [1, 2])
})
