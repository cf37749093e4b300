/** The timers of the machine. Each names what it belongs to; where that has ended, the timer is stale and does nothing. */
import type { ActorId, Instant } from '@patina/base'
import type { Suspicion } from './suspicion.ts'

export type Timer =
  /** The next probe period begins. */
  | { readonly kind: 'round' }
  /** The direct ack of a probe is late. */
  | { readonly kind: 'ack-late'; readonly probe: number }
  /** Nor was it asked again with success: helpers are to be asked. */
  | { readonly kind: 'helpers-due'; readonly probe: number }
  /** The time of a probe is over. */
  | { readonly kind: 'probe-over'; readonly probe: number }
  /** A helper should tell that the target has not answered; then forget the relay. */
  | { readonly kind: 'nack-due'; readonly relay: number }
  | { readonly kind: 'relay-over'; readonly relay: number }
  /** Members that were only told of are to be probed. */
  | { readonly kind: 'verify' }
  | { readonly kind: 'suspicion'; readonly actor: ActorId; readonly suspicion: Suspicion }
  /** A member that came and went too often may have stayed since then. */
  | { readonly kind: 'steady'; readonly actor: ActorId; readonly since: Instant }
  | { readonly kind: 'gossip' }
  | { readonly kind: 'heal' }
  /** The next exchange of whole views, in its turn. */
  | { readonly kind: 'push-pull' }
  /** One more exchange, because somebody was too busy for the last one. */
  | { readonly kind: 'push-pull-again' }
  /** Details that were asked for have not come, or may be asked for again. */
  | { readonly kind: 'pull-again'; readonly exchange: number; readonly turn: number }
  /** `attempt` numbers the chain of attempts; a newer join makes older chains stale. */
  | { readonly kind: 'rejoin'; readonly attempt: number }
  | { readonly kind: 'leave-again'; readonly left: number }
