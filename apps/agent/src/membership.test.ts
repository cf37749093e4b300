import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { actorId } from '@patina/base'
import type { NodeEvent } from '@patina/node'
import {
  DETAILS_BYTES_MAX,
  METADATA_BYTES_MAX,
  type MemberMetadata,
  type MemberView,
  metadataBytes,
} from '@patina/swim'
import { faultOfTags, Membership, toldOf } from './membership.ts'

const ACTOR = actorId('ab'.repeat(16))
const METADATA: MemberMetadata = { name: 'ams-1', region: 'ams', apiAddress: '10.0.0.1:8080', tags: {} }

function membership(t: TestContext, state: MemberView['state'] = 'alive') {
  const folder = mkdtempSync(join(tmpdir(), 'patina-membership-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const fed: NodeEvent[] = []
  const self = { actor: ACTOR, state, metadata: METADATA } as MemberView
  const made = new Membership({
    machine: { members: () => [], self: () => self, explain: () => undefined },
    metadata: { ...METADATA, tags: { rack: 'a1' } },
    databasePath: join(folder, 'patina.db'),
    feed: (event) => fed.push(event),
    warn: () => {},
    selfChanged: () => {},
    reconcile: () => {},
  })
  t.after(() => made.stop())
  return { made, fed }
}

test('what is told fits, at the last byte, with room for the mark of what is long', () => {
  const long = 'x'.repeat(257)
  const room = (tags: MemberMetadata['tags']): number => {
    let chars = 0
    while (faultOfTags({ ...METADATA, name: 'n'.repeat(chars + 1) }, tags) === undefined) chars += 1
    return chars
  }
  const [without, withLong] = [room({}), room({ long })]
  assert.ok(without - withLong >= 7 && without - withLong <= 9, `${without} and ${withLong}`)
  const { metadata } = toldOf({ ...METADATA, name: 'n'.repeat(without) })
  assert.equal(metadataBytes(metadata), METADATA_BYTES_MAX)
})

test('what does not fit is said in a sentence that says what to do', () => {
  assert.match(
    faultOfTags(METADATA, { a: 'x'.repeat(250), b: 'x'.repeat(250) }) ?? '',
    /take 5\d\d bytes, more than the 512/,
  )
  assert.match(
    faultOfTags(METADATA, { a: 'x'.repeat(DETAILS_BYTES_MAX) }) ?? '',
    /a member has 65536 for them/,
  )
})

test('long tags go to the machine beside the metadata, and with their lease they end', (t) => {
  const { made, fed } = membership(t)
  const long = 'x'.repeat(1_000)
  assert.ok(made.tags.set({ key: 'routes', value: long, leaseMs: 5_000 }).ok)
  assert.ok(made.tags.set({ key: 'role', value: 'edge', leaseMs: 5_000 }).ok)
  made.tags.delete('routes')
  const told = fed.map((event) => {
    assert.ok(event.kind === 'set-metadata')
    return [event.metadata.tags, event.details?.length]
  })
  const length = JSON.stringify({ tags: { routes: long } }).length
  assert.deepEqual(told, [
    [{ rack: 'a1' }, length],
    [{ rack: 'a1', role: 'edge' }, length],
    [{ rack: 'a1', role: 'edge' }, undefined],
  ])
})

test('who wants details waits for the machine, and for nobody once the agent stops', async (t) => {
  const { made, fed } = membership(t)
  const [first, second] = [made.details(ACTOR), made.details(ACTOR)]
  const [asked] = fed
  assert.ok(asked?.kind === 'pull-details' && asked.actor === ACTOR)
  made.detailsPulled(asked.token, { kind: 'none' })
  assert.deepEqual(await first, { kind: 'none' })
  await made.stop()
  assert.deepEqual(await second, { kind: 'unreachable' })
})

test('who has left tells nothing any more', (t) => {
  const { made, fed } = membership(t, 'left')
  assert.ok(made.tags.set({ key: 'role', value: 'edge', leaseMs: 5_000 }).ok)
  assert.deepEqual([fed, made.leave(), made.rejoin()], [[], false, false])
})
