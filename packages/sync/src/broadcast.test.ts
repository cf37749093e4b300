/** Broadcast alone: what leaves, in which order, and what is taken of what comes in. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { type ActorId, actorId, encodeChangeset, hlc, type LocalCommit, seq, version } from '@patina/base'
import { Broadcast } from './broadcast.ts'
import { decodeMessage } from './codec.ts'
import { DEFAULT_SYNC_CONFIG, type SyncConfig } from './config.ts'
import { Outbox } from './effect.ts'
import { Intake } from './intake.ts'
import { Knowledge } from './knowledge.ts'

const [SELF, PEER, WRITER] = ['a', 'b', 'c'].map((digit) => actorId(digit.repeat(32))) as [
  ActorId,
  ActorId,
  ActorId,
]

let broadcast: Broadcast
let intake: Intake

function setUp(config: Partial<SyncConfig> = {}): void {
  const whole = { ...DEFAULT_SYNC_CONFIG, ...config }
  intake = new Intake(SELF, whole, new Knowledge([]))
  broadcast = new Broadcast(whole, intake)
  broadcast.open(PEER)
}

function changeset(v: number, actor = SELF, bytes = 10): Uint8Array {
  const header = {
    ...{ actor, version: version(v), ts: hlc(v), flags: 0 },
    ...{ firstSeq: seq(0), lastSeq: seq(0), versionLastSeq: seq(0) },
  }
  return encodeChangeset(header, new Uint8Array(bytes))
}

function commit(v: number, about: Partial<LocalCommit> = {}): LocalCommit {
  return { version: version(v), ts: hlc(v), changesets: [changeset(v)], ...about }
}

/** Per message: whether it is urgent, and the lengths of its changesets. */
function sent(out: Outbox): { readonly urgent: boolean; readonly count: number }[] {
  return out.take().flatMap((effect) => {
    if (effect.kind !== 'send-message') return []
    const message = decodeMessage(effect.bytes)
    assert.ok(message.ok && message.value.kind === 'changes')
    return [{ urgent: message.value.urgent === true, count: message.value.changesets.length }]
  })
}

beforeEach(() => setUp())

describe('what is urgent', () => {
  function urgencyOf(commits: readonly LocalCommit[]): { urgent: boolean; count: number }[] {
    const out = new Outbox()
    broadcast.send(commits, out)
    return sent(out)
  }

  it('goes first: deletions before what was committed with them', () => {
    const messages = urgencyOf([commit(1), commit(2, { deletes: true }), commit(3, { deletes: false })])
    assert.deepEqual(messages, [
      { urgent: true, count: 1 },
      { urgent: false, count: 2 },
    ])
  })

  it('is also what the configuration names', () => {
    setUp({ urgentTables: ['health'] })
    const messages = urgencyOf([
      commit(1, { tables: ['apps'] }),
      commit(2, { tables: ['apps', 'health'] }),
      commit(3, { tables: [] }),
    ])
    assert.deepEqual(messages, [
      { urgent: true, count: 1 },
      { urgent: false, count: 2 },
    ])
  })

  it('is never a version that is larger than a message', () => {
    setUp({ changesBytes: 100 })
    const bulk = [1, 2, 3, 4, 5].map((v) => changeset(v))
    const messages = urgencyOf([commit(1, { deletes: true, changesets: bulk })])
    assert.ok(messages.length > 1)
    assert.ok(messages.every(({ urgent }) => !urgent))
  })

  it('is handed to the store before other fresh changesets, and keeps its place before the backlog', () => {
    const take = (v: number, urgent: boolean): void =>
      broadcast.take(
        { kind: 'changes', mode: 'direct', urgent, changesets: [changeset(v, WRITER)] },
        new Outbox(),
      )
    intake.take(changeset(1, WRITER), 'backlog', new Outbox())
    take(2, false)
    take(3, true)
    assert.deepEqual(
      appliedBytes(),
      [3, 2, 1].map((v) => [...changeset(v, WRITER)]),
    )
  })
})

function appliedBytes(): number[][] {
  const out = new Outbox()
  intake.pump(0 as never, out)
  return out.take().flatMap((effect) => (effect.kind === 'apply' ? effect.changesets.map((b) => [...b]) : []))
}
