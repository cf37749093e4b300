/**
 * WalGuard: ends whoever keeps the write-ahead log from ending. The store tells every 250 ms that its log nears the bound
 * because of a reader; who has the same, oldest snapshot as the last time is cut. A program of somebody else's is only named:
 * a backup, a shell. Where the system does not tell who reads, the readers are cut, and live-query when that did not help.
 */
import type { RareLog } from '@patina/program'
import type { OldestSnapshot } from './wal-holders.ts'

/** A child process that reads the database. */
export interface SnapshotHolder {
  /** Of the running process, and of old ones that finish their work. */
  pids(): readonly number[]
  /** Ends what has the oldest snapshot; the process where that is not enough. False: nothing is known that could have one. */
  cutOldest(): boolean
}

export interface WalGuardOptions {
  readonly holders: { readonly [role: string]: SnapshotHolder }
  readonly oldestSnapshot: () => OldestSnapshot | undefined
  readonly log: Pick<RareLog, 'tell'>
  /** Something was cut. */
  readonly onCut: (role: string) => void
}

export class WalGuard {
  readonly #options: WalGuardOptions
  #last: OldestSnapshot | undefined
  #isUnknown = false

  constructor(options: WalGuardOptions) {
    this.#options = options
  }

  /** Called every 250 ms while the log is held. */
  held(walBytes: number): void {
    const [before, wasUnknown] = [this.#last, this.#isUnknown]
    this.#last = this.#options.oldestSnapshot()
    this.#isUnknown = this.#last === undefined
    if (this.#last === undefined) {
      if (wasUnknown) this.#cutAnybody(walBytes)
    } else if (before?.mark === this.#last.mark) this.#cut(this.#last, before.pids, walBytes)
  }

  #cut({ mark, pids }: OldestSnapshot, before: readonly number[], walBytes: number): void {
    const { holders, log } = this.#options
    // Who shares a slot for a moment is gone by now.
    const lasting = pids.filter((pid) => before.includes(pid))
    for (const [role, holder] of Object.entries(holders))
      if (holder.pids().some((pid) => lasting.includes(pid))) this.#cutHolder(role, holder, walBytes)
    const ours = Object.values(holders).flatMap((holder) => holder.pids())
    const others = lasting.filter((pid) => !ours.includes(pid))
    if (others.length > 0)
      log.tell(
        'warn',
        'wal-foreign',
        { pids: others, walBytes, mark },
        'the write-ahead log is held by another program',
      )
  }

  #cutAnybody(walBytes: number): void {
    for (const [role, holder] of Object.entries(this.#options.holders))
      if (this.#cutHolder(role, holder, walBytes)) return
  }

  #cutHolder(role: string, holder: SnapshotHolder, walBytes: number): boolean {
    if (!holder.cutOldest()) return false
    const { log, onCut } = this.#options
    onCut(role)
    log.tell(
      'warn',
      `wal-${role}`,
      { role, walBytes },
      'an old snapshot held the write-ahead log; its reader is cut',
    )
    return true
  }
}
