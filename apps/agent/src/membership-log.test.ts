import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, peerAddress } from '@patina/base'
import { createLog } from '@patina/program/log'
import type { MemberView, Notification } from '@patina/swim'
import { logNotification } from './membership-log.ts'

const ACTOR = actorId('00000000000000000000000000000001')
const MEMBER: MemberView = {
  actor: ACTOR,
  address: peerAddress('10.0.0.1:7'),
  state: 'alive',
  generation: 1,
  incarnation: 0,
  metadata: { name: 'a', region: 'ams', apiAddress: '', tags: {} },
  rttMs: undefined,
  sinceMs: 0,
}

function logged(notification: Notification): string {
  let text = ''
  logNotification(
    createLog({ level: 'trace', format: 'plaintext' }, (line) => {
      text += line
    }),
    notification,
  )
  return text.slice(text.indexOf(' ') + 1)
}

test('each notification is one line with its level', () => {
  const who = `name=a addr=10.0.0.1:7 actor=${ACTOR}`
  const cases: readonly (readonly [Notification, string])[] = [
    [{ kind: 'member-up', member: MEMBER }, `INFO  member up ${who}\n`],
    [
      { kind: 'member-suspect', member: MEMBER, accuser: ACTOR },
      `INFO  member suspected ${who} accuser=${ACTOR}\n`,
    ],
    [{ kind: 'member-refuted', member: MEMBER }, `INFO  member refuted a suspicion ${who}\n`],
    [{ kind: 'member-down', member: MEMBER, accuser: ACTOR }, `WARN  member down ${who} accuser=${ACTOR}\n`],
    [{ kind: 'member-left', member: MEMBER }, `INFO  member left ${who}\n`],
    [{ kind: 'member-updated', member: MEMBER }, `DEBUG member updated ${who}\n`],
    [
      { kind: 'udp-blocked', member: MEMBER },
      `WARN  datagrams to a member are lost, streams are not ${who}\n`,
    ],
    [{ kind: 'udp-restored', member: MEMBER }, `INFO  datagrams to a member arrive again ${who}\n`],
  ]
  for (const [notification, line] of cases) assert.equal(logged(notification), line)
  assert.match(logged({ kind: 'identity-clash', address: MEMBER.address }), /^ERROR .*addr=10\.0\.0\.1:7\n$/)
})
