/** Distribution: percentiles of a list of numbers, and the histogram that a report draws of it. */

export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

export class Distribution {
  readonly #sorted: Float64Array

  constructor(values: readonly number[]) {
    this.#sorted = Float64Array.from(values).sort()
  }

  get count(): number {
    return this.#sorted.length
  }

  /** The smallest value that at least this share of all values do not exceed; 0 where there are none. */
  percentile(percent: number): number {
    const rank = Math.ceil((percent / 100) * this.#sorted.length)
    return this.#sorted[Math.max(0, rank - 1)] ?? 0
  }

  max(): number {
    return this.#sorted.at(-1) ?? 0
  }

  mean(): number {
    return this.count === 0 ? 0 : this.#sorted.reduce((sum, value) => sum + value, 0) / this.count
  }

  /** Bins of one width from the smallest to the greatest value. */
  bins(count: number): Bin[] {
    const [first, last] = [this.#sorted[0] ?? 0, this.max()]
    const width = Math.max(1, (last - first) / count)
    const counts = new Array<number>(count).fill(0)
    for (const value of this.#sorted) {
      const place = Math.min(count - 1, Math.floor((value - first) / width))
      counts[place] = (counts[place] as number) + 1
    }
    return counts.map((n, i) => ({ from: first + i * width, to: first + (i + 1) * width, count: n }))
  }
}
