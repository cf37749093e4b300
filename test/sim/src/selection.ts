/** Selection: which hosts a step means. Groups are drawn once, when a run begins; everything else when it is asked for. */
import type { Fleet } from './fleet.ts'
import type { Host } from './host.ts'
import type { Selection } from './scenario-step.ts'

export class Groups {
  readonly #fleet: Fleet
  readonly #byName: ReadonlyMap<string, readonly Host[]>

  /** Groups do not overlap where the fleet is large enough: each is drawn from those that are in none yet. */
  constructor(fleet: Fleet, groups: ReadonlyMap<string, Selection>, absent: number) {
    this.#fleet = fleet
    const present = fleet.hosts.slice(0, fleet.hosts.length - absent)
    const taken = new Set<Host>()
    this.#byName = new Map(
      [...groups].map(([name, selection]) => {
        const free = present.filter((host) => !taken.has(host))
        const drawn = this.#draw(selection, free)
        for (const host of drawn) taken.add(host)
        return [name, drawn]
      }),
    )
  }

  /** Hosts of a selection; drawn ones come from `among`. */
  pick(selection: Selection, among: readonly Host[]): readonly Host[] {
    if (selection.kind === 'group') return this.#byName.get(selection.name) ?? []
    return this.#draw(selection, among)
  }

  #draw(selection: Selection, among: readonly Host[]): readonly Host[] {
    const { hosts, world } = this.#fleet
    switch (selection.kind) {
      case 'all':
        return among
      case 'share':
        return world.prng.sample(among, Math.max(1, Math.round(selection.share * hosts.length)))
      case 'count':
        return world.prng.sample(among, selection.count)
      case 'nodes':
        return selection.nodes.map((node) => this.#fleet.host(node))
      case 'group':
        throw new Error('a group is not drawn from another one')
    }
  }
}
