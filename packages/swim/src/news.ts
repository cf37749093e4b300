/**
 * News: what follows from a changed record for those who were not there: the rumor that is spread of it, and what the
 * application hears. Pure; what is believed is beliefs.ts's.
 */
import type { ActorId } from '@patina/base'
import { ACCUSERS_MAX } from './codec.ts'
import type { MemberRecord } from './member.ts'
import { type Member, viewOf } from './members.ts'
import type { Update } from './message.ts'
import type { Notification } from './notification.ts'

/** Accusers told with a verdict; nobody counts them any more. */
const VERDICT_ACCUSERS_MAX = 2

/** Alive rumors bring metadata; the others only the verdict, which is short: of a verdict that stands, who said it first. */
export function rumorOf(record: MemberRecord, accusers: readonly ActorId[]): Update {
  return {
    record: record.state === 'alive' ? record : { ...record, told: undefined },
    accusers: accusers.slice(0, record.state === 'down' ? VERDICT_ACCUSERS_MAX : ACCUSERS_MAX),
  }
}

/** What the application hears of a change. Never two ups or two downs of a member in a row. */
export function notificationsOf(
  before: MemberRecord | undefined,
  after: Member,
  accuser: ActorId,
  confirmers: readonly ActorId[],
): Notification[] {
  const was = before?.state
  const { state, generation, told } = after.record
  const member = viewOf(after)
  const wasActive = was === 'alive' || was === 'suspect'
  if (state === 'down') return was === 'down' ? [] : [{ kind: 'member-down', member, accuser, confirmers }]
  if (state === 'left') return was === 'left' ? [] : [{ kind: 'member-left', member }]
  const notifications: Notification[] = wasActive ? [] : [{ kind: 'member-up', member }]
  if (state === 'suspect' && was !== 'suspect')
    notifications.push({ kind: 'member-suspect', member, accuser })
  if (state === 'alive' && was === 'suspect') notifications.push({ kind: 'member-refuted', member })
  if (wasActive && (before?.generation !== generation || before.told !== told))
    notifications.push({ kind: 'member-updated', member })
  return notifications
}
