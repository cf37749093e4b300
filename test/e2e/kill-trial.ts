/**
 * KillTrial: clients that write at a fixed rate to the agents of a cluster that are up, and SIGKILLs among these by a
 * schedule. Each agent has rows of its own, which the journal follows, and all write the same few rows beside them, which
 * only have to end equal. Nobody decides by hand: kills, starts and kinds of writes come from the seed; which write
 * meets which kill is the machine's chance.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Prng } from '@patina/base'
import type { Cluster, Statement } from '@patina/test-cluster'
import { type Kill, killSchedule } from './kill-schedule.ts'
import { type RowValue, WriteJournal } from './write-journal.ts'

export interface KillTrialOptions {
  readonly seed: number
  readonly seconds: number
  readonly writesPerSecond: number
  /** Between two kills, on average. */
  readonly killEveryMs: number
  readonly downMax: number
  /** Who is never killed. */
  readonly survivor: string
}

export interface KillReport {
  readonly kills: readonly Kill[]
  /** Due, and not sent because too many were without an answer. */
  readonly heldBack: number
}

const TICK_MS = 5
/** Writes without an answer at a time; more are not sent. */
const UNDER_WAY_MAX = 128
/** Rows of one agent that are written again and again, besides those that are inserted once. */
const ROWS_EACH = 20
const SHARED_ROWS = 5
const APPS = 20
const UPSERT = `INSERT INTO machines (id, app, region, node, state, updated) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET state = excluded.state, updated = excluded.updated`
const DELETE = 'DELETE FROM machines WHERE id = ?'
const STATES = ['started', 'stopped', 'failed', 'draining'] as const
/** Their keys; all others are in the journal. */
export const SHARED_PREFIX = 'shared-'

interface Write {
  readonly statement: Statement
  /** undefined: of a shared row, which nobody follows. */
  readonly key: string | undefined
  readonly value: RowValue
}

export class KillTrial {
  readonly journal: WriteJournal = new WriteJournal()
  readonly #cluster: Cluster
  readonly #options: KillTrialOptions
  readonly #prng: Prng
  readonly #names: readonly string[]
  /** Killed, and not healthy again. */
  readonly #down = new Set<string>()
  /** Keys of rows with a write under way: their next one waits, so that the order of the two is known. */
  readonly #busy = new Set<string>()
  readonly #underWay = new Set<Promise<void>>()
  #moment = 0
  #heldBack = 0

  constructor(cluster: Cluster, options: KillTrialOptions) {
    this.#cluster = cluster
    this.#options = options
    this.#prng = new Prng(options.seed)
    this.#names = cluster.nodes().map(({ name }) => name)
  }

  /** Ends when the time is over, every write is answered or lost, and all agents run or start. */
  async run(): Promise<KillReport> {
    const { seed, seconds, killEveryMs: everyMs, downMax, survivor } = this.#options
    const victims = this.#names.filter((name) => name !== survivor)
    const kills = killSchedule({ seed, victims, forMs: seconds * 1_000, everyMs, downMax })
    const startMs = performance.now()
    await Promise.all([
      this.#write(startMs),
      ...victims.map((victim) =>
        this.#killInTurn(
          kills.filter(({ name }) => name === victim),
          startMs,
        ),
      ),
    ])
    await Promise.all(this.#underWay)
    return { kills, heldBack: this.#heldBack }
  }

  async #killInTurn(kills: readonly Kill[], startMs: number): Promise<void> {
    for (const { atMs, name, whom, downMs } of kills) {
      await pause(Math.max(0, startMs + atMs - performance.now()))
      const process = this.#cluster.process(name)
      this.#down.add(name)
      if (whom === 'main') process.kill()
      else process.killGroup()
      await pause(downMs)
      await process.groupGone()
      this.#cluster.spawn(name)
      void this.#untilUp(name)
    }
  }

  /** Nobody writes to it before; it may be killed before, too. */
  async #untilUp(name: string): Promise<void> {
    const isUp = await this.#cluster.healthy(name).then(
      () => true,
      () => false,
    )
    if (isUp) this.#down.delete(name)
  }

  async #write(startMs: number): Promise<void> {
    const { seconds, writesPerSecond } = this.#options
    for (let sent = 0; ; ) {
      const elapsed = performance.now() - startMs
      if (elapsed >= seconds * 1_000) return
      for (const due = (elapsed / 1_000) * writesPerSecond; sent < due; sent += 1) this.#sendOne()
      await pause(TICK_MS)
    }
  }

  #sendOne(): void {
    const up = this.#names.filter((name) => !this.#down.has(name))
    const name = this.#prng.pick(up)
    const { statement, key, value } = this.#nextWrite(name)
    if (this.#underWay.size >= UNDER_WAY_MAX || (key !== undefined && this.#busy.has(key))) {
      this.#heldBack += 1
      return
    }
    if (key !== undefined) this.#busy.add(key)
    const { api } = this.#cluster.node(name)
    const answered = api
      .execute([statement])
      .then(
        () => key !== undefined && this.journal.acknowledged(key, value),
        // Whoever was killed did not answer.
        () => key !== undefined && this.journal.unanswered(key, value),
      )
      .then(() => {
        if (key !== undefined) this.#busy.delete(key)
        this.#underWay.delete(answered)
      })
    this.#underWay.add(answered)
  }

  #nextWrite(name: string): Write {
    this.#moment += 1
    const moment = this.#moment
    const kind = this.#prng.below(20)
    const row = kind < 9 ? `new-${moment}` : `row-${this.#prng.below(ROWS_EACH)}`
    const key = `${name}-${row}`
    if (kind >= 18) return { statement: [DELETE, [key]], key, value: undefined }
    const id = kind === 17 ? `${SHARED_PREFIX}${this.#prng.below(SHARED_ROWS)}` : key
    const state = this.#prng.pick(STATES)
    const cells = [id, `app-${this.#prng.below(APPS)}`, name, `host-${name}`, state, moment]
    return { statement: [UPSERT, cells], key: id === key ? key : undefined, value: moment }
  }
}
