/**
 * Plays every interleaving of a pair's handshakes against the rule: both dial (several times), frames of different
 * connections overtake each other, and connections break in between.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorFromBytes, must, Prng } from '@patina/base'
import { type Footing, onHelloOfDialled, onHelloOfDialling, onWelcome } from './rendezvous.ts'

interface Wire {
  readonly id: number
  readonly dialler: Side
  readonly acceptor: Side
  /** Frames under way to each end, in order. */
  readonly toDialler: Frame[]
  readonly toAcceptor: Frame[]
  committed: boolean
  /** Ends for which the wire is over: what still arrives there is not read. */
  readonly over: Set<Side>
}

interface Frame {
  readonly kind: 'hello' | 'welcome' | 'refusal' | 'end'
  readonly word: Footing
}

interface Side {
  readonly actor: ReturnType<typeof actorFromBytes>
  readonly name: string
  moment: number
  session: (Footing & { readonly wire: Wire }) | undefined
  readonly log: string[]
}

function side(byte: number): Side {
  return {
    actor: actorFromBytes(new Uint8Array(16).fill(byte)),
    name: `p${byte}`,
    moment: 0,
    session: undefined,
    log: [],
  }
}

function speak(from: Side, kind: Frame['kind']): Frame {
  from.moment += 1
  return { kind, word: { process: from.name, moment: from.moment } }
}

class Play {
  readonly sides: readonly [Side, Side] = [side(1), side(2)]
  readonly wires: Wire[] = []

  dial(dialler: Side): void {
    const acceptor = must(
      this.sides.find((other) => other !== dialler),
      'two sides',
    )
    const wire: Wire = {
      id: this.wires.length,
      dialler,
      acceptor,
      toDialler: [],
      toAcceptor: [],
      committed: false,
      over: new Set(),
    }
    this.wires.push(wire)
    wire.toDialler.push(speak(acceptor, 'hello'))
  }

  /** Delivers the next frame of one direction. */
  deliver(wire: Wire, toDialler: boolean): void {
    const frame = (toDialler ? wire.toDialler : wire.toAcceptor).shift()
    if (frame === undefined || wire.over.has(toDialler ? wire.dialler : wire.acceptor)) return
    if (frame.kind === 'end') this.lose(toDialler ? wire.dialler : wire.acceptor, wire)
    else if (frame.kind === 'refusal') wire.committed = false
    else if (!toDialler) this.accept(wire, frame.word)
    else if (frame.kind === 'hello') this.commit(wire, frame.word)
    else this.welcome(wire, frame.word)
  }

  commit(wire: Wire, word: Footing): void {
    const { dialler } = wire
    if (onHelloOfDialled(word.process, dialler.session, this.isCommitted(dialler)) === 'duplicate') return
    wire.committed = true
    wire.toAcceptor.push(speak(dialler, 'hello'))
  }

  accept(wire: Wire, word: Footing): void {
    const { acceptor, dialler } = wire
    const committed = this.isCommitted(acceptor)
    const verdict = onHelloOfDialling(acceptor.actor, dialler.actor, word, acceptor.session, committed)
    if (verdict === 'duplicate') {
      wire.toDialler.push(speak(acceptor, 'refusal'))
      return
    }
    this.open(acceptor, wire, word)
    wire.toDialler.push(speak(acceptor, 'welcome'))
  }

  welcome(wire: Wire, word: Footing): void {
    wire.committed = false
    if (onWelcome(word, wire.dialler.session) !== 'duplicate') this.open(wire.dialler, wire, word)
  }

  open(at: Side, wire: Wire, word: Footing): void {
    if (at.session !== undefined) this.end(at, at.session.wire)
    at.session = { ...word, wire }
    at.log.push(`opened ${wire.id}`)
  }

  /** This side ends the wire; the other hears of it behind what is under way. */
  end(at: Side, wire: Wire): void {
    this.lose(at, wire)
    const frames = at === wire.dialler ? wire.toAcceptor : wire.toDialler
    frames.push(speak(at, 'end'))
  }

  lose(at: Side, wire: Wire): void {
    wire.over.add(at)
    if (at === wire.dialler) wire.committed = false
    if (at.session?.wire !== wire) return
    at.session = undefined
    at.log.push(`closed ${wire.id}`)
  }

  isCommitted(at: Side): boolean {
    return this.wires.some((wire) => wire.dialler === at && wire.committed)
  }

  /** Delivers everything in an order drawn from the seed; with `breaks`, ends wires in between. */
  settle(prng: Prng, breaks: number): void {
    let left = breaks
    for (;;) {
      const busy = this.wires.filter((wire) => wire.toDialler.length + wire.toAcceptor.length > 0)
      if (busy.length === 0) return
      const wire = prng.pick(busy)
      if (left > 0 && wire.over.size === 0 && prng.chance(1, 4)) {
        left -= 1
        this.end(prng.pick(this.sides), wire)
      } else this.deliver(wire, prng.chance(1, 2))
    }
  }
}

test('two that dial at once, several times, in any order: one session, opened once, never closed', () => {
  for (let seed = 0; seed < 1_000; seed += 1) {
    const prng = new Prng(seed)
    const play = new Play()
    for (let dials = prng.between(1, 4); dials > 0; dials -= 1) play.dial(prng.pick(play.sides))
    play.settle(prng, 0)
    const [a, b] = play.sides
    assert.equal(a.log.length, 1, `seed ${seed}: ${a.log}`)
    assert.deepEqual(a.log, b.log, `seed ${seed}`)
  }
})

test('the connection that the smaller actor dialled stands when both have committed', () => {
  const play = new Play()
  const [a, b] = play.sides
  play.dial(a)
  play.dial(b)
  const [ofA, ofB] = play.wires as [Wire, Wire]
  play.deliver(ofA, true)
  play.deliver(ofB, true)
  play.settle(new Prng(1), 0)
  assert.deepEqual([a.log, b.log], [['opened 0'], ['opened 0']])
})

test('connections that break in between never leave the two ends with different sessions', () => {
  for (let seed = 0; seed < 1_000; seed += 1) {
    const prng = new Prng(seed)
    const play = new Play()
    for (let round = 0; round < 3; round += 1) {
      for (let dials = prng.between(1, 3); dials > 0; dials -= 1) play.dial(prng.pick(play.sides))
      play.settle(prng, 2)
      const [a, b] = play.sides
      assert.equal(a.session?.wire, b.session?.wire, `seed ${seed}: ${a.log} / ${b.log}`)
    }
  }
})

test('a peer that has lost the session, or started anew, replaces it', () => {
  const session = { process: 'p', moment: 5 }
  assert.equal(onWelcome({ process: 'p', moment: 6 }, session), 'replace')
  assert.equal(onWelcome({ process: 'p', moment: 4 }, session), 'duplicate')
  assert.equal(onWelcome({ process: 'q', moment: 1 }, session), 'replace')
  assert.equal(onHelloOfDialled('p', session, false), 'duplicate')
  assert.equal(onHelloOfDialled('q', session, false), 'commit')
})
