/**
 * AggregatorTag: what an aggregator tells the others of itself, as a tag of its agent in the global membership: its region,
 * where it answers, and whether it claims that it may write for the region. Pure: text ↔ values.
 */
import type { Member } from '@patina/client'

export interface Aggregator {
  /** Actor of its global agent and key of its tag: distinct for each that runs. */
  readonly id: string
  readonly region: string
  /** `http://host:port` */
  readonly address: string
  /** Its lease stands; else it only answers questions. */
  readonly claims: boolean
}

const PREFIX = 'aggregator.'
const CLAIMS = 'writes'
const YIELDS = 'yields'

/** `name`: what tells aggregators at one agent apart. */
export function tagKey(name: string): string {
  return `${PREFIX}${name}`
}

export function tagValue({ region, address, claims }: Omit<Aggregator, 'id'>): string {
  return `${region} ${address} ${claims ? CLAIMS : YIELDS}`
}

/** Of all members that are not found to be gone. Tags that are none are left out. */
export function aggregatorsOf(members: readonly Member[]): Aggregator[] {
  return members.filter(isPresent).flatMap(({ actor, tags = {} }) =>
    Object.entries(tags).flatMap(([key, value]) => {
      const [region = '', address = '', claim, ...rest] = value.split(' ')
      const isOne = key.startsWith(PREFIX) && URL.canParse(address) && rest.length === 0
      if (!isOne || (claim !== CLAIMS && claim !== YIELDS)) return []
      return [{ id: aggregatorId(actor, key), region, address, claims: claim === CLAIMS }]
    }),
  )
}

export function aggregatorId(actor: string, key: string): string {
  return `${actor}/${key}`
}

/** A suspicion is no verdict: whoever is only suspected holds what it holds. */
export function isPresent({ state }: Member): boolean {
  return state === 'alive' || state === 'suspect'
}
