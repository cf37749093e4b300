import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BatchEvent, Client } from '@patina/client'
import { FeedsExhausted, InstanceFeeds, localInstances } from './instance-feeds.ts'
import type { Instance } from './peers.ts'

/** Streams that a test pushes lists into. */
class Sources {
  readonly opened: string[] = []
  readonly #pushes = new Map<string, (list: readonly Instance[] | Error) => void>()

  push(app: string, list: readonly Instance[] | Error): void {
    this.#pushes.get(app)?.(list)
  }

  open = async function* (
    this: Sources,
    _: string,
    app: string,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Instance[]> {
    this.opened.push(app)
    let pushed = Promise.withResolvers<readonly Instance[]>()
    const waiting = [pushed.promise]
    this.#pushes.set(app, (list) => {
      if (list instanceof Error) pushed.reject(list)
      else pushed.resolve(list)
      pushed = Promise.withResolvers()
      waiting.push(pushed.promise)
    })
    signal.addEventListener('abort', () => {
      for (const list of waiting) list.catch(() => {})
      pushed.reject(signal.reason)
    })
    for (;;) yield await (waiting.shift() as Promise<readonly Instance[]>)
  }.bind(this)
}

const NEVER_ENDS = new AbortController().signal

test('the first question opens the stream; later ones are answered with what it pushed last', async () => {
  const sources = new Sources()
  const feeds = new InstanceFeeds({ open: sources.open })
  const first = feeds.get('syd', 'web')
  await Promise.resolve()
  sources.push('web', [{ id: 'a' }])
  assert.deepEqual(await first, [{ id: 'a' }])
  const watch = feeds.watch('syd', 'web', NEVER_ENDS)
  assert.deepEqual((await watch.next()).value, [{ id: 'a' }])
  sources.push('web', [])
  assert.deepEqual((await watch.next()).value, [])
  assert.deepEqual(await feeds.get('syd', 'web'), [])
  assert.deepEqual(sources.opened, ['web'])
  feeds.close()
})

test('what a broken stream told is answered no more', async () => {
  const sources = new Sources()
  const feeds = new InstanceFeeds({ open: sources.open })
  const asked = feeds.get('syd', 'web')
  await Promise.resolve()
  sources.push('web', [{ id: 'a' }])
  await asked
  const watch = feeds.watch('syd', 'web', NEVER_ENDS)
  await watch.next()
  sources.push('web', new Error('cut'))
  await assert.rejects(watch.next(), /cut/)
  assert.equal(feeds.size, 0)
  const again = feeds.get('syd', 'web')
  assert.equal(sources.opened.length, 2)
  feeds.close()
  await assert.rejects(again, /stops/)
})

test('room is made by what nobody watches, the least used first', async () => {
  const sources = new Sources()
  const feeds = new InstanceFeeds({ open: sources.open, feedsMax: 2 })
  const ask = async (app: string): Promise<void> => {
    const asked = feeds.get('syd', app)
    await Promise.resolve()
    sources.push(app, [])
    await asked
  }
  await ask('a')
  const watch = feeds.watch('syd', 'a', NEVER_ENDS)
  await watch.next()
  await ask('b')
  await ask('c')
  assert.equal(feeds.size, 2)
  const other = feeds.watch('syd', 'c', NEVER_ENDS)
  await other.next()
  await assert.rejects(feeds.get('syd', 'd'), FeedsExhausted)
  feeds.close()
})

test('one that nobody asks for is closed; a signal ends a watch', async () => {
  const sources = new Sources()
  const feeds = new InstanceFeeds({ open: sources.open, idleMs: 1 })
  const end = new AbortController()
  const watch = feeds.watch('syd', 'web', end.signal)
  const first = watch.next()
  end.abort(new Error('gone'))
  await assert.rejects(first, /gone/)
  while (feeds.size > 0) await new Promise((resolve) => setTimeout(resolve, 1))
})

test('a live result as lists: none before it is complete, one after each batch of changes', async () => {
  const events: BatchEvent[] = [
    { kind: 'columns', columns: ['id'] },
    { kind: 'row', rowId: 1, cells: ['a'] },
    { kind: 'row', rowId: 2, cells: ['b'] },
    { kind: 'eoq', seconds: 0 },
    { kind: 'changes', changes: [{ kind: 'change', change: 'delete', rowId: 1, cells: ['a'], changeId: 1 }] },
    { kind: 'columns', columns: ['id'] },
    { kind: 'eoq', seconds: 0 },
  ]
  const regional = { subscribe: () => ({ batches: () => events.values() }) } as unknown as Client
  const lists: (readonly Instance[])[] = []
  for await (const list of localInstances(regional, 'SELECT', 'web', NEVER_ENDS)) lists.push(list)
  assert.deepEqual(lists, [[{ id: 'a' }, { id: 'b' }], [{ id: 'b' }], []])
})
