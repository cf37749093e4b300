/**
 * Tables: what the member tables themselves hold of the nodes of a measured step, looked at ten times a second. The
 * application is shown less: who came and went too often is held back from it (swim's damping), and a change of tags says
 * nothing of how far behind a table is. Only where a step asks for it, because looking costs more than listening.
 */
import type { MemberView } from '@patina/swim'
import { Distribution } from '../distribution.ts'
import { RANK } from '../event-heap.ts'
import type { Fleet } from '../fleet.ts'
import type { Host } from '../host.ts'

const LOOK_MS = 100

interface Pair {
  readonly observer: Host
  readonly subject: Host
  /** World time of the last look at which it was wrong; undefined where it never was. */
  wrongAt: number | undefined
  staleAt: number | undefined
}

export class TableChecker {
  readonly #fleet: Fleet
  readonly #measured: {
    readonly name: string
    readonly startedAt: number
    readonly pairs: readonly Pair[]
  }[] = []

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  /** From now on, about all pairs of a node that runs and one of these that runs, too. */
  begin(name: string, hosts: readonly Host[]): void {
    const running = this.#fleet.running()
    const pairs = hosts
      .filter((subject) => running.includes(subject))
      .flatMap((subject) =>
        running
          .filter((observer) => observer !== subject)
          .map((observer): Pair => ({ observer, subject, wrongAt: undefined, staleAt: undefined })),
      )
    this.#measured.push({ name, startedAt: this.#fleet.world.now, pairs })
    this.#look(pairs)
  }

  /**
   * `believed`: until a table holds the member to be there, whether or not its application is shown that. `told`: until it
   * holds the tags that the member has now.
   */
  figures(): [string, number][] {
    return this.#measured.flatMap(({ name, startedAt, pairs }) => {
      const since = (at: number | undefined): number => (at === undefined ? 0 : at + LOOK_MS - startedAt)
      const believed = new Distribution(pairs.map(({ wrongAt }) => since(wrongAt)))
      const told = new Distribution(pairs.map(({ staleAt }) => since(staleAt)))
      return [
        [`${name}.believed_p99_ms`, believed.percentile(99)],
        [`${name}.believed_max_ms`, believed.max()],
        [`${name}.told_p99_ms`, told.percentile(99)],
        [`${name}.told_max_ms`, told.max()],
        [`${name}.told_wrong`, pairs.filter((pair) => !isTold(pair, tableOf(pair))).length],
      ]
    })
  }

  #look(pairs: readonly Pair[]): void {
    const { world } = this.#fleet
    for (const pair of pairs) {
      const view = tableOf(pair)
      if (view?.state !== 'alive' && view?.state !== 'suspect') pair.wrongAt = world.now
      if (!isTold(pair, view)) pair.staleAt = world.now
    }
    world.at(world.now + LOOK_MS, RANK.step, () => this.#look(pairs))
  }
}

function tableOf({ observer, subject }: Pair): MemberView | undefined {
  return observer.program?.member(subject.actor)
}

function isTold({ subject }: Pair, view: MemberView | undefined): boolean {
  const now = subject.program?.self().metadata.tags ?? {}
  const held = view?.metadata.tags ?? {}
  return Object.entries(now).every(([key, value]) => held[key] === value)
}
