/**
 * Choose: a few members at random, for gossip and for help, without touching all of them. Near ones are preferred where
 * that is cheaper, but never alone: what is only said within a region stays there.
 */
import { assert, type Prng } from '@patina/base'
import type { Member } from './members.ts'

/** Draws for each one wanted before all are looked at; a share of one in four still gives all with 99.9 %. */
const DRAWS_PER_ITEM = 24

/** Up to `count` distinct items for which `accepts` holds. Cost: the draws, and all items only where few are accepted. */
export function chooseSome<T>(
  prng: Prng,
  items: readonly T[],
  count: number,
  accepts: (item: T) => boolean,
): T[] {
  assert(count >= 0, `not a count: ${count}`)
  if (items.length <= count * DRAWS_PER_ITEM) return prng.sample(items.filter(accepts), count)
  const chosen = new Set<T>()
  for (let draws = 0; draws < count * DRAWS_PER_ITEM && chosen.size < count; draws += 1) {
    const item = prng.pick(items)
    if (accepts(item)) chosen.add(item)
  }
  const missing = count - chosen.size
  if (missing === 0) return [...chosen]
  const rest = items.filter((item) => !chosen.has(item) && accepts(item))
  return [...chosen, ...prng.sample(rest, missing)]
}

/** As `chooseSome`; members elsewhere are taken half as readily as those of `region`. */
export function chooseNear(prng: Prng, members: readonly Member[], count: number, region: string): Member[] {
  return chooseSome(prng, members, count, (member) => regionOf(member) === region || prng.chance(1, 2))
}

export function regionOf(member: Member): string {
  return member.record.told?.metadata.region ?? ''
}
