import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, peerAddress } from '@patina/base'
import type { MemberView } from '@patina/swim'
import { MemberWatchers, WATCHERS_MAX } from './member-watchers.ts'

function member(digit: string, state: MemberView['state'] = 'alive'): MemberView {
  return {
    actor: actorId(digit.repeat(32)),
    address: peerAddress('127.0.0.1:9'),
    state,
    generation: 1,
    incarnation: 0,
    metadata: { name: `n${digit}`, region: 'ams', apiAddress: '', tags: {} },
    rttMs: undefined,
    sinceMs: 0,
  }
}

const MEMBERS = { self: member('1'), others: [member('2')] }

type Lines = AsyncIterableIterator<Uint8Array>

/** The next lines, each as the names and states that it tells. */
async function told(lines: Lines | undefined): Promise<string[] | 'end'> {
  const step = await lines?.next()
  if (step === undefined || step.done) return 'end'
  const text = Buffer.from(step.value).toString()
  assert.ok(text.endsWith('\n'))
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { member, members } = JSON.parse(line)
      const show = ({ name, state }: { name: string; state: string }): string => `${name} ${state}`
      return members === undefined ? show(member) : `all ${members.map(show).join(', ')}`
    })
}

test('the list first, then each member that changed, also to one that waits already', async () => {
  const watchers = new MemberWatchers()
  const lines = watchers.open(MEMBERS)
  assert.deepEqual(await told(lines), ['all n1 alive, n2 alive'])
  const waiting = told(lines)
  watchers.changed(member('2', 'suspect'))
  assert.deepEqual(await waiting, ['n2 suspect'])
  watchers.changed(member('3'))
  assert.deepEqual(await told(lines), ['n3 alive'])
})

test('a slow reader is told the last state of each, and no more than there are members waits for it', async () => {
  const watchers = new MemberWatchers()
  const [slow, quick] = [watchers.open(MEMBERS), watchers.open(MEMBERS)]
  for (const lines of [slow, quick]) await told(lines)
  for (let i = 0; i < 100; i += 1) {
    for (const state of ['suspect', 'alive', 'down'] as const) watchers.changed(member('2', state))
    watchers.changed(member('3'))
    assert.deepEqual(await told(quick), ['n2 down', 'n3 alive'])
  }
  assert.deepEqual(await told(slow), ['n2 down', 'n3 alive'])
})

test('what changes before the first line is read comes after it', async () => {
  const watchers = new MemberWatchers()
  const lines = watchers.open(MEMBERS)
  watchers.changed(member('2', 'down'))
  assert.deepEqual(await told(lines), ['all n1 alive, n2 alive'])
  assert.deepEqual(await told(lines), ['n2 down'])
})

test('who leaves makes room for another', async () => {
  const watchers = new MemberWatchers()
  const open = Array.from({ length: WATCHERS_MAX }, () => watchers.open(MEMBERS))
  assert.equal(watchers.open(MEMBERS), undefined)
  await open[3]?.return?.()
  assert.equal(await told(open[3]), 'end')
  assert.notEqual(watchers.open(MEMBERS), undefined)
})

test('close ends all, those that wait, those that have something to read, and those that come later', async () => {
  const watchers = new MemberWatchers()
  const [waiting, behind] = [watchers.open(MEMBERS), watchers.open(MEMBERS)]
  for (const lines of [waiting, behind]) await told(lines)
  watchers.changed(member('2', 'down'))
  await told(waiting)
  const end = told(waiting)
  watchers.close()
  assert.equal(await end, 'end')
  assert.deepEqual(await told(behind), ['n2 down'])
  assert.equal(await told(behind), 'end')
  const late = watchers.open(MEMBERS)
  assert.deepEqual(await told(late), ['all n1 alive, n2 alive'])
  assert.equal(await told(late), 'end')
})

test('T-D3: what was missed is told by the next look at all, and what was told is not told again', {
  timeout: 10_000,
}, async () => {
  const watchers = new MemberWatchers()
  const lines = watchers.open(MEMBERS)
  await told(lines)
  watchers.reconcile(MEMBERS)
  const others = [member('2', 'down'), { ...member('3'), rttMs: 4 }]
  watchers.changed(member('2', 'down'))
  assert.deepEqual(await told(lines), ['n2 down'])
  watchers.reconcile({ ...MEMBERS, others })
  assert.deepEqual(await told(lines), ['n3 alive'])
  const waiting = told(lines)
  watchers.reconcile({ ...MEMBERS, others: others.map((one) => ({ ...one, rttMs: one.rttMs && 5 })) })
  watchers.reconcile({ ...MEMBERS, others: [member('2', 'left'), ...others.slice(1)] })
  assert.deepEqual(await waiting, ['n2 left'])
})

test('a member that comes and goes too often is shown as down while it is held', async () => {
  const watchers = new MemberWatchers()
  const lines = watchers.open(MEMBERS)
  await told(lines)
  watchers.reconcile({ ...MEMBERS, others: [{ ...member('2'), held: true }] })
  assert.deepEqual(await told(lines), ['n2 down'])
  watchers.changed(member('2'))
  assert.deepEqual(await told(lines), ['n2 alive'])
})
