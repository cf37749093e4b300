/**
 * OwnTags: what programs of this host say about it through the API, on top of the tags of the configuration. Each has a
 * lease: who does not renew it loses it, so that a role never outlives the program that held it. Kept in memory only: a
 * restart of the agent ends all leases, and programs set them again.
 */
import { err, ok, type Result } from '@patina/base'
import type { Tags } from './told-tags.ts'

export const LEASE_MS_DEFAULT = 30_000
export const LEASE_MS_MIN = 1_000
export const LEASE_MS_MAX = 3_600_000
const KEY_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
/** In bytes a member has 65,536 for its long tags, names and quotes included. */
const VALUE_CHARS_MAX = 65_000

export interface OwnTag {
  readonly key: string
  readonly value: string
  /** Until it ends, unless it is renewed. */
  readonly leaseMs: number
}

export interface OwnTagsOptions {
  readonly configured: Tags
  readonly now: () => number
  /** Why these cannot be told to others; undefined where they can. */
  readonly faultOf: (tags: Tags) => string | undefined
  /** They have changed. */
  readonly changed: (tags: Tags) => void
}

interface Lease {
  readonly value: string
  readonly until: number
  readonly timer: NodeJS.Timeout
}

export class OwnTags {
  readonly #options: OwnTagsOptions
  /** Bounded by what can be told. */
  readonly #leases = new Map<string, Lease>()

  constructor(options: OwnTagsOptions) {
    this.#options = options
  }

  /** Those of the configuration, and over them those of programs. */
  all(): Tags {
    const leased = [...this.#leases].map(([key, { value }]): [string, string] => [key, value])
    return { ...this.#options.configured, ...Object.fromEntries(leased) }
  }

  list(): OwnTag[] {
    const now = this.#options.now()
    return [...this.#leases].map(([key, { value, until }]) => ({
      key,
      value,
      leaseMs: Math.max(0, until - now),
    }))
  }

  /** Sets or renews a tag; the error is a sentence for who asked. Renewing tells nobody anything. */
  set({ key, value, leaseMs }: OwnTag): Result<OwnTag, string> {
    const fault = faultOf(key, value, leaseMs)
    if (fault !== undefined) return err(fault)
    const isNew = this.all()[key] !== value
    const tooMuch = isNew ? this.#options.faultOf({ ...this.all(), [key]: value }) : undefined
    if (tooMuch !== undefined) return err(tooMuch)
    clearTimeout(this.#leases.get(key)?.timer)
    const timer = setTimeout(() => this.delete(key), leaseMs)
    timer.unref()
    this.#leases.set(key, { value, until: this.#options.now() + leaseMs, timer })
    if (isNew) this.#options.changed(this.all())
    return ok({ key, value, leaseMs })
  }

  /** False where no program has set it. A tag of the configuration shows again. */
  delete(key: string): boolean {
    const lease = this.#leases.get(key)
    if (lease === undefined) return false
    clearTimeout(lease.timer)
    this.#leases.delete(key)
    if (this.#options.configured[key] !== lease.value) this.#options.changed(this.all())
    return true
  }

  /** Ends all leases without a word. */
  close(): void {
    for (const { timer } of this.#leases.values()) clearTimeout(timer)
    this.#leases.clear()
  }
}

function faultOf(key: string, value: string, leaseMs: number): string | undefined {
  if (!KEY_PATTERN.test(key)) return 'a tag is named by 1 to 64 letters, digits, dots, dashes and underscores'
  if (value.length > VALUE_CHARS_MAX) return `a value has at most ${VALUE_CHARS_MAX} characters`
  if (!Number.isInteger(leaseMs) || leaseMs < LEASE_MS_MIN || leaseMs > LEASE_MS_MAX)
    return `lease_ms is a whole number from ${LEASE_MS_MIN} to ${LEASE_MS_MAX}`
  return undefined
}
