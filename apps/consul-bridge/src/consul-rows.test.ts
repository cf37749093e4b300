import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readChecks, readServices } from './consul-rows.ts'

/** As Consul 1.8.7 answers, with fields that 1.2x adds. */
const SERVICE = {
  ID: 'web-1',
  Service: 'web',
  Tags: ['v1', 'http'],
  Meta: { b: '2', a: '1' },
  Port: 8080,
  Address: '10.0.0.5',
  TaggedAddresses: { lan: { Address: '10.0.0.5', Port: 8080 } },
  Weights: { Passing: 1, Warning: 1 },
  EnableTagOverride: false,
  Datacenter: 'dc1',
  PeerName: '',
  Locality: null,
}
const CHECK = {
  Node: 'n1',
  CheckID: 'service:web-1',
  Name: "Service 'web' check",
  Status: 'passing',
  Notes: '',
  Output: 'HTTP GET: 200 OK',
  ServiceID: 'web-1',
  ServiceName: 'web',
  ServiceTags: ['v1'],
  Type: 'http',
  Interval: '10s',
  Timeout: '1s',
  ExposedPort: 0,
  Definition: {},
  CreateIndex: 0,
  ModifyIndex: 0,
}

test('a service: tags in their order, meta by key, unknown fields ignored', () => {
  const rows = readServices({ 'web-1': SERVICE })
  assert.deepEqual(rows.ok && [...rows.value.values()], [
    {
      id: 'web-1',
      name: 'web',
      tags: '["v1","http"]',
      meta: '{"a":"1","b":"2"}',
      port: 8080,
      address: '10.0.0.5',
    },
  ])
})

test('a service of the least: what is absent or null is empty', () => {
  for (const raw of [{ Service: 'db' }, { Service: 'db', Tags: null, Meta: null }]) {
    const rows = readServices({ db: raw })
    const row = { id: 'db', name: 'db', tags: '[]', meta: '{}', port: 0, address: '' }
    assert.deepEqual(rows.ok && rows.value.get('db'), row)
  }
})

test('checks come as an object by id or as a list', () => {
  const row = {
    id: 'service:web-1',
    serviceId: 'web-1',
    serviceName: 'web',
    name: "Service 'web' check",
    status: 'passing',
    output: 'HTTP GET: 200 OK',
    outputCounts: false,
  }
  for (const answer of [{ 'service:web-1': CHECK }, [CHECK]]) {
    const rows = readChecks(answer)
    assert.deepEqual(rows.ok && rows.value.get('service:web-1'), row)
  }
})

test('output counts where the notes ask for it, and notes of people are no error', () => {
  const counts = (Notes: unknown): unknown => {
    const rows = readChecks([{ ...CHECK, Notes }])
    return rows.ok && rows.value.get(CHECK.CheckID)?.outputCounts
  }
  assert.equal(counts('{"hash_include":["status","output"]}'), true)
  for (const notes of [
    '',
    'see hash_include',
    '{"hash_include":["status"]}',
    '{"hash_include":1}',
    'null',
    7,
  ])
    assert.equal(counts(notes), false, String(notes))
})

test('what is not Consul’s shape is refused as a whole: nothing may look as if it were gone', () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [[], /no object by id/],
    [null, /no object/],
    [{ a: SERVICE, b: {} }, /service b: has no name/],
    [{ a: { ...SERVICE, Tags: 'v1' } }, /Tags/],
    [{ a: { ...SERVICE, Meta: { x: 1 } } }, /Meta/],
    [{ a: { ...SERVICE, Port: '80' } }, /Port/],
    [{ a: { ...SERVICE, Address: 1 } }, /Address/],
  ]
  for (const [answer, message] of cases) {
    const rows = readServices(answer)
    assert.match(rows.ok ? '' : rows.error, message)
  }
  for (const answer of ['x', [{}], { a: { ...CHECK, Status: undefined } }, { a: null }])
    assert.equal(readChecks(answer).ok, false)
})

test('no JSON throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (answer) => {
      readServices(answer)
      readChecks(answer)
    }),
  )
})
