import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ActorId, actorId, instant, NEVER, Prng, peerAddress } from '@patina/base'
import type { MemberState, MemberView } from '@patina/swim'
import { DEFAULT_SESSION_CONFIG } from './config.ts'
import { Sessions } from './sessions.ts'

const [SMALL, SELF, GREAT] = [1, 2, 3].map((n) => actorId(n.toString(16).padStart(32, '0'))) as [
  ActorId,
  ActorId,
  ActorId,
]

function member(actor: ActorId, state: MemberState = 'alive', port = 7000): MemberView {
  const metadata = { name: '', region: '', apiAddress: '', tags: {} }
  const address = peerAddress(`10.0.0.${Number.parseInt(actor, 16)}:${port}`)
  return { actor, address, state, generation: 1, incarnation: 0, metadata, rttMs: undefined, sinceMs: 0 }
}

function sessions(): Sessions {
  return new Sessions(SELF, DEFAULT_SESSION_CONFIG, new Prng(1))
}

function dialsAt(subject: Sessions, ms: number): number {
  return subject.pump(instant(ms)).length
}

describe('dialling', () => {
  it('is at once towards a greater actor, and after a second towards a smaller one', () => {
    const subject = sessions()
    subject.memberChanged({ kind: 'member-up', member: member(GREAT) }, instant(0))
    subject.memberChanged({ kind: 'member-up', member: member(SMALL) }, instant(0))
    assert.deepEqual(subject.pump(instant(0)), [{ kind: 'connect', address: member(GREAT).address }])
    assert.equal(dialsAt(subject, 999), 0)
    assert.deepEqual(subject.pump(instant(1_000)), [{ kind: 'connect', address: member(SMALL).address }])
  })

  it('does not happen where the other has dialled meanwhile, known to swim or not', () => {
    const subject = sessions()
    subject.opened(SMALL, instant(0))
    subject.memberChanged({ kind: 'member-up', member: member(SMALL) }, instant(10))
    assert.equal(dialsAt(subject, 60_000), 0)
    assert.equal(subject.nextDeadline(), NEVER)
    assert.deepEqual([subject.openCount(), subject.missingCount()], [1, 0])
  })

  it('backs off from 0.2 s to 5 s with jitter while it is refused', () => {
    const subject = sessions()
    subject.memberChanged({ kind: 'member-up', member: member(GREAT) }, instant(0))
    let now = 0
    const pauses: number[] = []
    for (let i = 0; i < 8; i += 1) {
      assert.equal(dialsAt(subject, now), 1)
      subject.refused(member(GREAT).address, instant(now))
      pauses.push(subject.nextDeadline() - now)
      now = subject.nextDeadline()
    }
    for (const [i, pause] of pauses.entries()) {
      const full = Math.min(5_000, 200 * 2 ** i)
      assert.ok(pause >= full / 2 && pause <= full, `pause ${i}: ${pause} ms`)
    }
    assert.ok(new Set(pauses.slice(-3)).size > 1, 'jitter')
  })

  it('counts an attempt without outcome as refused', () => {
    const subject = sessions()
    subject.memberChanged({ kind: 'member-up', member: member(GREAT) }, instant(0))
    assert.equal(dialsAt(subject, 0), 1)
    assert.equal(subject.nextDeadline(), DEFAULT_SESSION_CONFIG.dialTimeoutMs)
    assert.equal(dialsAt(subject, 15_000), 0)
    assert.equal(dialsAt(subject, 15_200), 1)
  })

  it('goes to the address that the member has now', () => {
    const subject = sessions()
    subject.memberChanged({ kind: 'member-up', member: member(SMALL) }, instant(0))
    subject.memberChanged({ kind: 'member-updated', member: member(SMALL, 'alive', 7001) }, instant(5))
    assert.deepEqual(subject.pump(instant(1_000)), [
      { kind: 'connect', address: member(SMALL, 'alive', 7001).address },
    ])
  })
})

describe('a session that ends', () => {
  it('is dialled again soon while the member is alive or suspect', () => {
    const subject = sessions()
    subject.memberChanged({ kind: 'member-up', member: member(GREAT) }, instant(0))
    subject.pump(instant(0))
    subject.opened(GREAT, instant(1))
    subject.memberChanged(
      { kind: 'member-suspect', member: member(GREAT, 'suspect'), accuser: SELF },
      instant(2),
    )
    subject.closed(GREAT, instant(10_000))
    assert.equal(dialsAt(subject, 10_000), 0)
    assert.equal(dialsAt(subject, 10_200), 1)
  })

  it('again and again right after its opening is dialled with growing pauses', () => {
    const subject = sessions()
    subject.memberChanged({ kind: 'member-up', member: member(GREAT) }, instant(0))
    let now = 0
    for (let i = 0; i < 6; i += 1) {
      subject.pump(instant(now))
      subject.opened(GREAT, instant(now))
      subject.closed(GREAT, instant(now))
      now = subject.nextDeadline()
    }
    assert.ok(now > 3_000, `${now} ms`)
  })

  it('is ended by us, and not dialled, when the member is down or left', () => {
    for (const kind of ['member-down', 'member-left'] as const) {
      const subject = sessions()
      subject.memberChanged({ kind: 'member-up', member: member(GREAT) }, instant(0))
      subject.opened(GREAT, instant(0))
      const gone = { kind, member: member(GREAT, 'down'), accuser: SELF }
      assert.equal(subject.memberChanged(gone, instant(5)), GREAT)
      subject.closed(GREAT, instant(6))
      assert.equal(dialsAt(subject, 60_000), 0)
      assert.equal(subject.memberChanged(gone, instant(7)), undefined)
    }
  })

  it('of a stranger is nobody’s to dial', () => {
    const subject = sessions()
    subject.opened(SMALL, instant(0))
    subject.closed(SMALL, instant(1))
    assert.equal(subject.nextDeadline(), NEVER)
  })

  it('while this node leaves is not dialled again', () => {
    const subject = sessions()
    subject.memberChanged({ kind: 'member-up', member: member(GREAT) }, instant(0))
    subject.close()
    assert.equal(dialsAt(subject, 60_000), 0)
    assert.equal(subject.nextDeadline(), NEVER)
  })
})

describe('reconciling', () => {
  it('T-D3: makes up for every third notification that was lost', () => {
    const prng = new Prng(7)
    const subject = sessions()
    const states = new Map<ActorId, MemberView>()
    for (let step = 0; step < 600; step += 1) {
      const actor = actorId((10 + prng.below(20)).toString(16).padStart(32, '0'))
      const state = prng.chance(1, 2) ? 'alive' : 'down'
      if (states.get(actor)?.state === state) continue
      states.set(actor, member(actor, state))
      const kind = state === 'alive' ? 'member-up' : 'member-down'
      if (!prng.chance(1, 3))
        subject.memberChanged({ kind, member: member(actor, state), accuser: SELF }, instant(step))
    }
    subject.reconcile([...states.values()], instant(1_000))
    const up = [...states.values()].filter(({ state }) => state === 'alive').length
    assert.equal(subject.missingCount(), up)
  })

  it('ends sessions with members that are down, and leaves those with strangers', () => {
    const subject = sessions()
    subject.memberChanged({ kind: 'member-up', member: member(GREAT) }, instant(0))
    subject.opened(GREAT, instant(1))
    subject.opened(SMALL, instant(1))
    assert.deepEqual(subject.reconcile([member(GREAT)], instant(2)), [])
    assert.deepEqual(subject.reconcile([member(GREAT, 'down')], instant(3)), [GREAT])
    assert.deepEqual(subject.reconcile([member(GREAT, 'down')], instant(4)), [])
    assert.equal(subject.missingCount(), 0)
  })
})
