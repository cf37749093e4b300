/**
 * Ranges as the numbers that proto/sync.proto names: distance and length − 1 of each, so that a set with few gaps is a
 * few bytes. Decoding accepts the one canonical form only: sorted, disjoint, non-adjacent, within safe integers.
 */
import { type Range, refuse } from '@patina/base'

export function rangesToNumbers(ranges: readonly Range[]): number[] {
  const numbers: number[] = []
  let end = 0
  for (const { first, last } of ranges) {
    numbers.push(first - end, last - first)
    end = last
  }
  return numbers
}

/** Throws DecodeFailure where the numbers are not ranges of values `min`…`max`. */
export function numbersToRanges<N extends number>(
  what: string,
  numbers: readonly number[],
  bounds: { readonly min: number; readonly max: number },
): Range<N>[] {
  if (numbers.length % 2 !== 0) refuse(`${what}: numbers`, numbers.length)
  const ranges: Range<N>[] = []
  let end = 0
  for (let i = 0; i < numbers.length; i += 2) {
    const distance = numbers[i] as number
    if (i > 0 && distance < 2) refuse(`${what}: distance`, distance)
    const first = end + distance
    const last = first + (numbers[i + 1] as number)
    if (first < bounds.min || last > bounds.max) refuse(what, last)
    ranges.push({ first: first as N, last: last as N })
    end = last
  }
  return ranges
}
