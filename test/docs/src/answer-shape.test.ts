import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objectionTo } from './answer-shape.ts'

test('numbers with a fraction and elided texts stand for any, all else for itself', () => {
  const shown = '{"time":0.0009,"version":1,"actor_id":"6b52…","row":[1,["m1",null]]}'
  const got = (version: number, actor: string): string =>
    `{"row":[1,["m1",null]],"time":17,"version":${version},"actor_id":"${actor}"}`
  assert.equal(objectionTo(shown, got(1, '6b52ff')), undefined)
  assert.match(objectionTo(shown, got(2, '6b52ff')) ?? '', /\$\.version/)
  assert.match(objectionTo(shown, got(1, 'ff')) ?? '', /\$\.actor_id/)
  assert.equal(objectionTo('"…"', '"anything"'), undefined)
})

test('keys that are missing or not shown are objections, unless the page elides them', () => {
  assert.match(objectionTo('{"a":1,"b":2}', '{"a":1}') ?? '', /has no b/)
  assert.match(objectionTo('{"a":1}', '{"a":1,"b":2}') ?? '', /does not show b/)
  assert.equal(objectionTo('{"a":1,"…":"…"}', '{"a":1,"b":2}'), undefined)
})

test('classes and lengths differ', () => {
  for (const [shown, got] of [
    ['[1]', '[1,2]'],
    ['[1]', '{"0":1}'],
    ['{}', '[]'],
    ['0.5', '"0.5"'],
    ['null', '0'],
    ['"a"', '"b"'],
    ['true', 'false'],
  ] as const)
    assert.notEqual(objectionTo(shown, got), undefined, `${shown} and ${got}`)
})

test('what is no JSON is compared as text, white space counted once', () => {
  assert.equal(objectionTo('m1|up', 'm1|up\n'), undefined)
  assert.equal(objectionTo('host1  alive …', 'host1 alive 127.0.0.1:1'), undefined)
  assert.match(objectionTo('m1|up', 'm1|down') ?? '', /m1\|down/)
})
