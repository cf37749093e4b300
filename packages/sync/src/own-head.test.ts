import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, hlc, instant, NEVER, type OwnCheck, type Version, version } from '@patina/base'
import { Outbox, type SyncEffect } from './effect.ts'
import { OwnHead } from './own-head.ts'

const [SELF, PEER] = [actorId('1'.repeat(32)), actorId('2'.repeat(32))]
const CONFIRM_MS = 5_000

function shown(subject: OwnHead, v: number, ts = 7, counts = true): number | undefined {
  const out = new Outbox()
  subject.shown(PEER, { actor: SELF, version: version(v), ts: hlc(ts) }, counts, out)
  const [effect] = out.take()
  return effect?.kind === 'check-own' ? effect.token : undefined
}

function checked(
  subject: OwnHead,
  token: number | undefined,
  check: OwnCheck,
): { readonly isForked: boolean; readonly effects: readonly SyncEffect[] } {
  const out = new Outbox()
  return { isForked: subject.checked(token ?? -1, check, out), effects: out.take() }
}

const head = (n: number): Version | 0 => (n === 0 ? 0 : version(n))

test('a file without history writes at once, and so does a node without peers', () => {
  assert.equal(new OwnHead(head(0), CONFIRM_MS).mayWrite, true)
  assert.equal(new OwnHead(head(3), 0).mayWrite, true)
  assert.equal(new OwnHead(head(3), 0).nextDeadline(), NEVER)
  assert.equal(
    new OwnHead(head(0), CONFIRM_MS).isSettled,
    false,
    'what it says of others is not worth more for it',
  )
})

test('a file with a history writes once a peer has shown its head with its time', () => {
  const subject = new OwnHead(head(3), CONFIRM_MS)
  assert.equal(subject.mayWrite, false)
  assert.deepEqual(checked(subject, shown(subject, 3), 'same').effects, [{ kind: 'admit-writes' }])
  assert.equal(subject.mayWrite, true)
})

test('a peer that is not settled confirms nothing, as it may come from an old disk itself; it may show a fork', () => {
  const subject = new OwnHead(head(3), CONFIRM_MS)
  assert.deepEqual(checked(subject, shown(subject, 3, 7, false), 'same').effects, [])
  assert.equal(checked(subject, shown(subject, 3, 8, false), 'other').isForked, true)
  const again = shown(subject, 3, 7, true)
  assert.notEqual(again, undefined, 'settled by now: its word counts')
  assert.deepEqual(checked(subject, again, 'same').effects, [{ kind: 'admit-writes' }])
})

test('a peer that knows less confirms nothing; after a while the node goes on alone, and says so once', () => {
  const subject = new OwnHead(head(3), CONFIRM_MS)
  const out = new Outbox()
  subject.pump(instant(100), out)
  checked(subject, shown(subject, 2), 'same')
  assert.equal(subject.mayWrite, false)
  assert.equal(subject.nextDeadline(), 100 + CONFIRM_MS)
  subject.pump(instant(99 + CONFIRM_MS), out)
  assert.deepEqual(out.take(), [])
  for (const now of [100 + CONFIRM_MS, 101 + CONFIRM_MS]) subject.pump(instant(now), out)
  assert.deepEqual(out.take(), [{ kind: 'admit-writes' }])
})

test('another content, or a version that was never written here, is a fork', () => {
  for (const check of ['other', 'beyond'] as const) {
    const subject = new OwnHead(head(3), CONFIRM_MS)
    assert.deepEqual(checked(subject, shown(subject, 4), check), { isForked: true, effects: [] })
    assert.equal(subject.mayWrite, false)
  }
})

test('the store is asked once for what a peer shows again and again, and once more where it could not tell', () => {
  const subject = new OwnHead(head(3), CONFIRM_MS)
  const first = shown(subject, 2)
  assert.equal(shown(subject, 2), undefined)
  assert.notEqual(shown(subject, 2, 8), undefined, 'another time is another version')
  checked(subject, first, 'unknown')
  assert.notEqual(shown(subject, 2, 8), undefined)
})

test('answers that nobody asked for change nothing, and open questions are bounded', () => {
  const subject = new OwnHead(head(1), CONFIRM_MS)
  assert.equal(checked(subject, 99, 'other').isForked, false)
  const tokens = Array.from({ length: 100 }, (_, i) => shown(subject, i + 1)).filter(
    (each) => each !== undefined,
  )
  assert.equal(tokens.length, 64)
})
