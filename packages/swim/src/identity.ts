/**
 * Identity: what a record about ourselves means, and who keeps an address that two claim. A process is actor and
 * generation; the generation is durable and unique, so a higher one that we did not issue is another process.
 * Differs from foca: no renewal on a clash, because two clones that renew outbid each other for ever.
 */
import { INCARNATION_MAX, type MemberRecord } from './member.ts'

/** ignore · refute: raise the incarnation and tell · repeat: they hold what we refuted before · clash: it is not us. */
export type SelfVerdict = 'ignore' | 'refute' | 'repeat' | 'clash'

export function judgeRecordOfSelf(self: MemberRecord, said: MemberRecord): SelfVerdict {
  if (said.generation > self.generation) return 'clash'
  if (said.generation < self.generation || said.incarnation < self.incarnation)
    return said.state === 'alive' ? 'ignore' : 'repeat'
  if (said.state === 'alive')
    return said.incarnation > self.incarnation || said.address !== self.address ? 'clash' : 'ignore'
  return said.incarnation === INCARNATION_MAX ? 'clash' : 'refute'
}

/** Of two actors at one address: the newer generation keeps it; on a tie the greater actor, so that all agree. */
export function keepsAddress(a: MemberRecord, b: MemberRecord): boolean {
  return a.generation === b.generation ? a.actor > b.actor : a.generation > b.generation
}
