/** Membership notifications as log lines. */
import { unreachable } from '@patina/base'
import type { MemberView, Notification } from '@patina/swim'
import type { Logger } from 'pino'

export function logNotification(log: Logger, notification: Notification): void {
  switch (notification.kind) {
    case 'member-up':
      log.info(fields(notification.member), 'member up')
      break
    case 'member-suspect':
      log.info({ ...fields(notification.member), accuser: notification.accuser }, 'member suspected')
      break
    case 'member-refuted':
      log.info(fields(notification.member), 'member refuted a suspicion')
      break
    case 'member-down':
      log.warn({ ...fields(notification.member), accuser: notification.accuser }, 'member down')
      break
    case 'member-left':
      log.info(fields(notification.member), 'member left')
      break
    case 'member-updated':
      log.debug(fields(notification.member), 'member updated')
      break
    case 'udp-blocked':
      log.warn(fields(notification.member), 'datagrams to a member are lost, streams are not')
      break
    case 'udp-restored':
      log.info(fields(notification.member), 'datagrams to a member arrive again')
      break
    case 'identity-clash':
      log.error(
        { addr: notification.address },
        'another process runs under our actor id; stop one of the two',
      )
      break
    default:
      unreachable(notification)
  }
}

function fields({ actor, address, metadata }: MemberView): object {
  return { name: metadata.name, addr: address, actor }
}
