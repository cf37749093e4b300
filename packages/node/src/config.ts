/** Knobs of the composed machine itself: when sessions are dialled. Those of swim and sync are their own. */

export interface SessionConfig {
  /** Of two members the smaller actor id dials at once, the greater after this where there is still no session. */
  readonly secondDialMs: number
  /** Pause before the first attempt after a failure; doubles with each further one. */
  readonly redialMs: number
  readonly redialMaxMs: number
  /** An attempt without an outcome for this long counts as refused. */
  readonly dialTimeoutMs: number
  /** A session that stood this long ends a run of failures; a shorter one is one of them. */
  readonly stableMs: number
}

export const DEFAULT_SESSION_CONFIG: SessionConfig = {
  secondDialMs: 1_000,
  redialMs: 200,
  redialMaxMs: 5_000,
  dialTimeoutMs: 15_000,
  stableMs: 5_000,
}
