/** Lanes of a stream between two peers, most urgent first. A lane's messages keep their order; a lower lane waits. */
export const LANES = ['control', 'fresh', 'repair', 'backlog'] as const

/** control: membership and session talk · fresh: new changesets · repair: recent gaps · backlog: catching up. */
export type Lane = (typeof LANES)[number]
