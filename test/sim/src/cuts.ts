/**
 * Cuts: which nodes cannot reach which. A cut is a rule over ordered pairs, for datagrams, streams or both; rules have
 * names, by which they are healed. One-way cuts and partitions are the two rules that scenarios use.
 */

export type Service = 'datagrams' | 'streams'

export interface Cut {
  readonly name: string
  readonly cuts: (from: number, to: number) => boolean
  /** Both where left out. */
  readonly service?: Service
}

/** Above it a scenario is taken to forget to heal. */
const CUTS_MAX = 1_024

export class Cuts {
  #cuts: readonly Cut[] = []

  add(cut: Cut): void {
    if (this.#cuts.length >= CUTS_MAX) throw new Error(`more than ${CUTS_MAX} cuts: heal some of them first`)
    this.#cuts = [...this.#cuts, cut]
  }

  /** Heals the cuts of this name; whether there were any. */
  heal(name: string): boolean {
    const left = this.#cuts.filter((cut) => cut.name !== name)
    const healed = left.length < this.#cuts.length
    this.#cuts = left
    return healed
  }

  isCut(from: number, to: number, service: Service): boolean {
    for (const cut of this.#cuts)
      if ((cut.service === undefined || cut.service === service) && cut.cuts(from, to)) return true
    return false
  }

  /** True where nothing at all goes this way. */
  isApart(from: number, to: number): boolean {
    return this.isCut(from, to, 'datagrams') && this.isCut(from, to, 'streams')
  }
}

/** From some to others, not the other way. */
export function oneWay(from: ReadonlySet<number>, to: ReadonlySet<number>): Cut['cuts'] {
  return (a, b) => from.has(a) && to.has(b)
}

/** Whatever crosses the border of a side, both ways. */
export function partition(side: ReadonlySet<number>): Cut['cuts'] {
  return (a, b) => side.has(a) !== side.has(b)
}
