import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Instant, instant, millis } from '@patina/base'
import fc from 'fast-check'
import { Guard, type GuardOptions, type Measures } from './guard.ts'

const OPTIONS: GuardOptions = { maxShrink: 0.8, holdMs: millis(300), windowMs: millis(1_000) }

function sizes(of: Readonly<Record<string, number>>): Measures {
  return new Map(Object.entries(of).map(([name, size]) => [name, { size }]))
}

/** Judges and, where it passes, accepts. */
function publish(guard: Guard, of: Readonly<Record<string, number>>, at: number): boolean {
  const verdict = guard.judge(sizes(of), instant(at))
  if (verdict.kind === 'pass') guard.accept(sizes(of), instant(at))
  return verdict.kind === 'pass'
}

test('a fifth may stay, less and nothing are held; what is new has no limit', () => {
  const guard = new Guard(OPTIONS)
  assert.ok(publish(guard, { a: 100 }, 0))
  assert.ok(publish(guard, { a: 100, b: 5 }, 1))
  assert.ok(!publish(guard, { a: 19, b: 5 }, 2))
  assert.ok(publish(guard, { a: 20, b: 5 }, 3))
  assert.ok(!publish(guard, { a: 20, b: 0 }, 4))
  assert.deepEqual(guard.judge(sizes({ a: 20 }), instant(5)), {
    kind: 'held',
    shrunk: [{ name: 'b', from: 5, to: 0 }],
    since: 4,
    until: 304,
  })
})

test('the last one of a measure is held at any share', () => {
  const guard = new Guard({ ...OPTIONS, maxShrink: 1 }, new Map([['a', 1]]))
  assert.ok(!publish(guard, { a: 0 }, 0))
})

test('a question whether it is too small changes nothing', () => {
  const guard = new Guard(OPTIONS, new Map([['a', 100]]))
  assert.equal(guard.isTooSmall(sizes({ a: 20 })), false)
  assert.equal(guard.isTooSmall(sizes({ a: 19 })), true)
  assert.ok(!publish(guard, { a: 19 }, 0), 'its time begins with the judgement')
  assert.equal(guard.isTooSmall(sizes({})), true)
  assert.ok(!publish(guard, { a: 19 }, 299))
})

test('what has stood for the time of the hold passes and is the measure from then on', () => {
  const guard = new Guard(OPTIONS, new Map([['a', 100]]))
  assert.ok(!publish(guard, { a: 1 }, 10))
  assert.ok(!publish(guard, { a: 2 }, 309))
  assert.deepEqual(guard.judge(sizes({ a: 1 }), instant(310)), {
    kind: 'pass',
    despite: [{ name: 'a', from: 100, to: 1 }],
  })
  guard.accept(sizes({ a: 1 }), instant(310))
  assert.ok(publish(guard, { a: 1 }, 311))
})

test('what comes back ends a hold, and the next one has its whole time', () => {
  const guard = new Guard(OPTIONS, new Map([['a', 100]]))
  assert.ok(!publish(guard, { a: 1 }, 0))
  assert.ok(publish(guard, { a: 90 }, 250))
  assert.ok(!publish(guard, { a: 1 }, 299))
  assert.ok(!publish(guard, { a: 1 }, 598))
  assert.ok(publish(guard, { a: 1 }, 599))
})

test('an operator lets through what is held, once, and nothing in advance', () => {
  const guard = new Guard({ ...OPTIONS, holdMs: millis(Number.POSITIVE_INFINITY) }, new Map([['a', 100]]))
  assert.equal(guard.release(), false)
  assert.ok(!publish(guard, { a: 0 }, 1_000_000))
  assert.equal(guard.release(), true)
  assert.ok(publish(guard, { a: 0 }, 1_000_001))
  assert.ok(publish(guard, { a: 100 }, 1_000_002))
  assert.ok(!publish(guard, { a: 0 }, 1_000_003))
})

test('small steps within a window are one shrinkage; slow ones are none', () => {
  const fast = new Guard(OPTIONS)
  for (const [at, a] of [100, 60, 30].entries()) assert.ok(publish(fast, { a }, at))
  assert.ok(!publish(fast, { a: 15 }, 3))
  const slow = new Guard(OPTIONS)
  for (const [at, a] of [100, 60, 30, 15, 8, 4].entries()) assert.ok(publish(slow, { a }, at * 1_000))
})

test('a hold is compared with what was good when it began, though windows pass meanwhile', () => {
  const guard = new Guard({ ...OPTIONS, windowMs: millis(50) })
  for (const [at, a] of [
    [0, 10],
    [10, 5],
  ] as const)
    assert.ok(publish(guard, { a }, at))
  for (const at of [20, 130, 319]) assert.ok(!publish(guard, { a: 1 }, at))
  assert.ok(publish(guard, { a: 1 }, 320))
})

test('a name that is not measured any more has size 0, unless it is forgotten', () => {
  const known = new Map([
    ['a', 10],
    ['b', 10],
  ])
  assert.ok(!publish(new Guard(OPTIONS, known), { a: 10 }, 0))
  const edited = new Guard(OPTIONS, known)
  edited.retain(new Set(['a', 'c']))
  assert.ok(publish(edited, { a: 10 }, 0))
  assert.deepEqual([...edited.peaks()], [['a', 10]])
})

test('a measure may have a share of its own', () => {
  const guard = new Guard(OPTIONS, new Map([['a', 10]]))
  assert.equal(guard.judge(new Map([['a', { size: 9, maxShrink: 0 }]]), instant(0)).kind, 'held')
  assert.equal(guard.judge(new Map([['a', { size: 5, maxShrink: 0.5 }]]), instant(1)).kind, 'pass')
})

interface Accepted {
  readonly at: Instant
  readonly size: number
}

interface Step {
  readonly afterMs: number
  readonly size: number
  readonly release: boolean
}

test('I-GUARD-1, against a model that remembers all: nothing much smaller passes before its time, and then it does', () => {
  const step = fc.record({
    afterMs: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 400 })),
    size: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 100 })),
    release: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(50, 1_000), (steps, windowMs) =>
      followModel(steps, { ...OPTIONS, windowMs: millis(windowMs) }),
    ),
    { numRuns: 200 },
  )
})

function followModel(steps: readonly Step[], options: GuardOptions): void {
  const guard = new Guard(options)
  let accepted: Accepted[] = []
  let at = instant(0)
  let heldSince: Instant | undefined
  for (const { afterMs, size, release } of steps) {
    at = instant(at + afterMs)
    const verdict = guard.judge(sizes({ a: size }), at)
    const peak = guard.peaks().get('a') ?? 0
    const inWindow = accepted.filter((each) => (heldSince ?? at) - each.at < options.windowMs)
    assert.ok(peak >= Math.max(0, ...inWindow.map((each) => each.size)), 'a size of this window is forgotten')
    assert.ok(peak <= Math.max(0, ...accepted.map((each) => each.size)), 'a size that was never accepted')
    const small = peak > 0 && (size === 0 || size < peak * (1 - options.maxShrink))
    if (small) heldSince ??= at
    const stood = small && at - (heldSince as Instant) >= options.holdMs
    assert.equal(verdict.kind, small && !stood ? 'held' : 'pass')
    if (verdict.kind === 'held' && !release) continue
    if (verdict.kind === 'held') {
      assert.ok(guard.release())
      assert.equal(guard.judge(sizes({ a: size }), at).kind, 'pass')
    }
    if (small) accepted = []
    guard.accept(sizes({ a: size }), at)
    accepted.push({ at, size })
    heldSince = undefined
  }
}
