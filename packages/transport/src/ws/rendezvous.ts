/**
 * Rendezvous: which connection carries the session of a pair when several come about at once. Pure: no sockets, only
 * the rule, so that all interleavings can be tested.
 *
 * The accepting end speaks first (hello), the dialling end commits (its own hello: "I have no session with you"), the
 * accepting end agrees (welcome) and both have a session. When A < B dial each other at once, A alone decides: it either
 * commits its own dial first, and then refuses B's hello, or accepts B's hello first, and then drops its own dial. B
 * accepts A's hello always. So exactly one of the two stands, without a session that opens only to close again, and
 * normally it is the one that the smaller actor dialled.
 *
 * A hello or welcome may also find a session that the sender has lost and we have not noticed yet (its host lost power,
 * its process is new). Each process numbers its hellos and welcomes (`moment`): a later one than the session rests on,
 * or one of another process, proves the session dead.
 */
import { type ActorId, compareActors } from '@patina/base'

/** What a session rests on: the peer's process and the moment of its word. */
export interface Footing {
  readonly process: string
  readonly moment: number
}

/** `open`: a session now · `replace`: the standing session is dead, then open · `duplicate`: leave it, quietly. */
export type Verdict = 'open' | 'replace' | 'duplicate'

/** A dialled peer has told who it is: go on, or is there a session or a commitment already? */
export function onHelloOfDialled(
  process: string,
  session: Footing | undefined,
  committed: boolean,
): 'commit' | 'duplicate' {
  if (committed) return 'duplicate'
  return session === undefined || session.process !== process ? 'commit' : 'duplicate'
}

/** A dialling peer wants a session; `committed`: our own dial to it waits for its welcome. */
export function onHelloOfDialling(
  self: ActorId,
  peer: ActorId,
  word: Footing,
  session: Footing | undefined,
  committed: boolean,
): Verdict {
  const verdict = judge(word, session)
  if (verdict !== 'open') return verdict
  return committed && compareActors(self, peer) < 0 ? 'duplicate' : 'open'
}

/** A dialled peer agrees. */
export function onWelcome(word: Footing, session: Footing | undefined): Verdict {
  return judge(word, session)
}

function judge(word: Footing, session: Footing | undefined): Verdict {
  if (session === undefined) return 'open'
  return session.process !== word.process || session.moment < word.moment ? 'replace' : 'duplicate'
}
