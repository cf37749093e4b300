/**
 * Plays a scenario against an agent over a wire and compares every answer with the recorded one. Streams that a scenario
 * leaves open are left at its end, however it ends.
 */
import assert from 'node:assert/strict'
import type { Answer, Continuation, Exchange, Request, Scenario } from './exchange.ts'
import { LineReader } from './line-reader.ts'
import { matches } from './pattern.ts'
import { ANSWER_DEADLINE_MS, type Wire, type WireAnswer } from './wire.ts'

interface OpenStream {
  readonly answer: WireAnswer
  readonly lines: LineReader
}

/** What a failure tells of a request and its answer. */
const TOLD_UNITS_MAX = 2_000

type Streams = Map<string, OpenStream>

export async function play({ given, steps }: Scenario, wire: Wire): Promise<void> {
  const streams: Streams = new Map()
  try {
    if (given !== undefined) await prepare(wire, given)
    for (const [at, step] of steps.entries()) {
      const where = `step ${at + 1} over ${wire.name}`
      if ('ask' in step) await exchange(step, wire, streams, where)
      else if ('next' in step) await readOn(step, streams, where)
      else leave(streams, step.leave)
    }
  } finally {
    for (const name of streams.keys()) leave(streams, name)
  }
}

/** Rows of other scenarios go. */
async function prepare(wire: Wire, given: readonly string[]): Promise<void> {
  const statements = ['DELETE FROM items', 'DELETE FROM reals', ...given]
  const answer = await wire.send({
    method: 'POST',
    path: '/v1/transactions',
    body: JSON.stringify(statements),
  })
  const text = await textOf(answer)
  assert.equal(answer.status, 200, `what is given could not be written: ${text}`)
}

async function exchange(
  { ask, answer, open }: Exchange,
  wire: Wire,
  streams: Streams,
  where: string,
): Promise<void> {
  const got = await wire.send(withIds(ask, streams))
  if (open !== undefined && got.status === 200) {
    const lines = new LineReader(got.body, ANSWER_DEADLINE_MS)
    streams.set(open, { answer: got, lines })
    compareHead(got, answer, streams, `${where}: ${ask.method} ${ask.path}`)
    return compareLines(await lines.take(answer.lines?.length ?? 0), answer.lines ?? [], where)
  }
  const text = await textOf(got)
  const told = `${where}: ${ask.method} ${ask.path} ${ask.body ?? ''} → ${text}`.slice(0, TOLD_UNITS_MAX)
  compareHead(got, answer, streams, told)
  if (answer.body !== undefined && !matches(answer.body, text)) assert.equal(text, answer.body, told)
  if (answer.lines !== undefined) compareLines(splitLines(text), answer.lines, told)
}

async function readOn({ next, lines, ends }: Continuation, streams: Streams, where: string): Promise<void> {
  const stream = streamOf(streams, next)
  compareLines(await stream.lines.take(lines.length), lines, `${where}: ${next}`)
  if (ends) assert.deepEqual(await stream.lines.rest(), [], `${where}: ${next} goes on`)
}

function compareHead(
  got: WireAnswer,
  { status, headers = {} }: Answer,
  streams: Streams,
  told: string,
): void {
  assert.equal(got.status, status, told)
  for (const [name, pattern] of Object.entries(headers)) {
    const value = got.headers[name]
    if (pattern === null) assert.equal(value, undefined, `${name} of ${told}`)
    else if (value === undefined || !matches(fillIn(pattern, streams), value))
      assert.equal(value, pattern, `${name} of ${told}`)
  }
}

/** The same as a list where all match, so that a difference is shown among its neighbours. */
function compareLines(got: readonly string[], patterns: readonly string[], told: string): void {
  const shown = got.map((line, at) => (matches(patterns[at] ?? '', line) ? patterns[at] : line))
  assert.deepEqual(shown, patterns, told)
}

function withIds(request: Request, streams: Streams): Request {
  return { ...request, path: fillIn(request.path, streams) }
}

/** `{live}` → the id that `live` got. */
function fillIn(text: string, streams: Streams): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const id = streamOf(streams, name).answer.headers['corro-query-id']
    assert.ok(id !== undefined, `${name} has no corro-query-id`)
    return id
  })
}

function leave(streams: Streams, name: string): void {
  streamOf(streams, name).answer.cancel()
}

function streamOf(streams: Streams, name: string): OpenStream {
  const stream = streams.get(name)
  assert.ok(stream !== undefined, `${name} is not open`)
  return stream
}

async function textOf({ body }: WireAnswer): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
}

function splitLines(text: string): string[] {
  assert.ok(text === '' || text.endsWith('\n'), 'the last line has no end')
  return text.split('\n').slice(0, -1)
}
