import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseSpec } from './template-job.ts'

test('source, destination and command', () => {
  assert.deepEqual(parseSpec('a.eta:/etc/a.conf'), {
    ok: true,
    value: { source: 'a.eta', destination: '/etc/a.conf', command: [] },
  })
  assert.deepEqual(parseSpec('a.eta:b:sh -c "echo a:b"'), {
    ok: true,
    value: { source: 'a.eta', destination: 'b', command: ['sh', '-c', 'echo a:b'] },
  })
  assert.deepEqual(parseSpec('a\\:b.eta:c:'), {
    ok: true,
    value: { source: 'a:b.eta', destination: 'c', command: [] },
  })
})

test('any text is a spec or a refusal', () => {
  fc.assert(fc.property(fc.string(), (spec) => void parseSpec(spec)))
})

test('what is none says why', () => {
  for (const spec of ['', 'a.eta', 'a.eta:', ':b', 'a:b:"c']) assert.equal(parseSpec(spec).ok, false, spec)
})
