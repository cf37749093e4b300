/**
 * InstanceFeeds: the instances of apps that somebody asked for, of this region and of others, each kept current by a stream.
 * The first question for an app opens its stream; what it pushes replaces what is held, and its end removes it, so that
 * nothing is ever answered from a stream that has ended. One that nobody asks for is closed after a minute.
 */
import type { Client } from '@patina/client'
import type { Instance } from './peers.ts'

export type InstanceLists = AsyncIterable<readonly Instance[]>

export interface InstanceFeedsOptions {
  readonly open: (region: string, app: string, signal: AbortSignal) => InstanceLists
  /** Default FEEDS_MAX. */
  readonly feedsMax?: number
  /** Default IDLE_MS. */
  readonly idleMs?: number
}

/** Each is a live query at the region's agent. */
export const FEEDS_MAX = 1_000
const IDLE_MS = 60_000
/** Of one app in one region. */
const INSTANCES_MAX = 10_000
/** A burst of changes is told once. */
const FOLD_MS = 5

/** All feeds are being watched. */
export class FeedsExhausted extends Error {}

interface Feed {
  readonly key: string
  readonly end: AbortController
  /** Of the first list, or rejected. */
  readonly first: PromiseWithResolvers<void>
  readonly watchers: Set<() => void>
  instances: readonly Instance[]
  failure: Error | undefined
  idle: NodeJS.Timeout | undefined
}

export class InstanceFeeds {
  readonly #options: InstanceFeedsOptions
  /** Least recently used first. */
  readonly #feeds = new Map<string, Feed>()

  constructor(options: InstanceFeedsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#feeds.size
  }

  /** As they are now. Throws what the stream failed with, FeedsExhausted. */
  async get(region: string, app: string): Promise<readonly Instance[]> {
    const feed = this.#use(region, app)
    await feed.first.promise
    return feed.instances
  }

  /** At once and after each change, until the signal; then, or where the stream breaks, it ends with an error. */
  async *watch(region: string, app: string, signal: AbortSignal): AsyncGenerator<readonly Instance[], never> {
    const feed = this.#use(region, app)
    let changed = Promise.withResolvers<void>()
    const watcher = (): void => changed.resolve()
    const abort = (): void => changed.reject(signal.reason)
    feed.watchers.add(watcher)
    signal.addEventListener('abort', abort)
    try {
      await Promise.race([feed.first.promise, changed.promise])
      for (;;) {
        signal.throwIfAborted()
        if (feed.failure !== undefined) throw feed.failure
        changed = Promise.withResolvers()
        changed.promise.catch(() => {})
        yield feed.instances
        await changed.promise
      }
    } finally {
      signal.removeEventListener('abort', abort)
      feed.watchers.delete(watcher)
      this.#rest(feed)
    }
  }

  close(): void {
    for (const feed of [...this.#feeds.values()]) this.#drop(feed, new Error('the aggregator stops'))
  }

  #use(region: string, app: string): Feed {
    const key = JSON.stringify([region, app])
    const known = this.#feeds.get(key)
    if (known !== undefined) {
      this.#feeds.delete(key)
      this.#feeds.set(key, known)
      this.#rest(known)
      return known
    }
    this.#makeRoom()
    const feed: Feed = {
      key,
      end: new AbortController(),
      first: Promise.withResolvers(),
      watchers: new Set(),
      instances: [],
      failure: undefined,
      idle: undefined,
    }
    feed.first.promise.catch(() => {})
    this.#feeds.set(key, feed)
    this.#rest(feed)
    void this.#follow(feed, region, app)
    return feed
  }

  async #follow(feed: Feed, region: string, app: string): Promise<void> {
    let isTold = true
    try {
      for await (const instances of this.#options.open(region, app, feed.end.signal)) {
        if (instances.length > INSTANCES_MAX)
          throw new Error(`an app has more than ${INSTANCES_MAX} instances`)
        feed.instances = instances
        feed.first.resolve()
        if (!isTold) continue
        isTold = false
        setTimeout(() => {
          isTold = true
          for (const watcher of feed.watchers) watcher()
        }, FOLD_MS)
      }
      this.#drop(feed, new Error('the stream of instances ended'))
    } catch (cause) {
      this.#drop(feed, cause as Error)
    }
  }

  #makeRoom(): void {
    const { feedsMax = FEEDS_MAX } = this.#options
    if (this.#feeds.size < feedsMax) return
    const unused = [...this.#feeds.values()].find(({ watchers }) => watchers.size === 0)
    if (unused === undefined) throw new FeedsExhausted(`${feedsMax} apps are being watched`)
    this.#drop(unused, new Error('others were asked for'))
  }

  #rest(feed: Feed): void {
    clearTimeout(feed.idle)
    if (feed.failure !== undefined) return
    const { idleMs = IDLE_MS } = this.#options
    feed.idle = setTimeout(() => {
      if (feed.watchers.size === 0) this.#drop(feed, new Error('nobody asks for it'))
    }, idleMs)
    feed.idle.unref()
  }

  #drop(feed: Feed, failure: Error): void {
    if (feed.failure !== undefined) return
    feed.failure = failure
    this.#feeds.delete(feed.key)
    clearTimeout(feed.idle)
    feed.first.reject(failure)
    feed.end.abort()
    for (const watcher of feed.watchers) watcher()
  }
}

/** The instances of an app in the own region, as the regional agent tells them. */
export async function* localInstances(
  regional: Pick<Client, 'subscribe'>,
  query: string,
  app: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Instance[]> {
  const rows = new Map<number, Instance>()
  let columns: readonly string[] = []
  let isComplete = false
  const instanceOf = (cells: readonly unknown[]): Instance =>
    Object.fromEntries(columns.map((name, at) => [name, cells[at]]))
  const live = regional.subscribe([query, { ':app': app }], { resnapshot: true, signal })
  for await (const event of live.batches()) {
    if (event.kind === 'columns') {
      columns = event.columns
      rows.clear()
      isComplete = false
    } else if (event.kind === 'row') rows.set(event.rowId, instanceOf(event.cells))
    else if (event.kind === 'eoq') isComplete = true
    else
      for (const { change, rowId, cells } of event.changes)
        if (change === 'delete') rows.delete(rowId)
        else rows.set(rowId, instanceOf(cells))
    if (isComplete) yield [...rows.values()]
  }
}
