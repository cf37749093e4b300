/**
 * The calls of the store process by which forks are found and repaired (docs/adr/0020). Each is one piece of work, between those of
 * clients and peers; whoever calls `rewrite` again and again sets its pace.
 */
import type { LocalCommit, PortHandlers } from '@patina/base'
import type { TouchedTable } from './core/touched.ts'
import type { Store } from './sqlite/store.ts'
import type { StoreContract } from './store-port.ts'

export interface ForkCallsHost {
  readonly store: Store
  readonly publish: (commits: readonly LocalCommit[]) => void
  readonly changed: (tables: readonly TouchedTable[]) => void
  /** Runs the work; an error that speaks of the disk ends the service before it is thrown on. */
  readonly guarded: <T>(work: () => T) => T
}

type ForkCalls = Pick<
  PortHandlers<StoreContract>['calls'],
  'checkOwn' | 'abandon' | 'rewrite' | 'keepForks' | 'cleared' | 'applyAgain'
>

export function forkCalls({ store, publish, changed, guarded }: ForkCallsHost): ForkCalls {
  return {
    checkOwn: ({ version, ts }) => guarded(() => store.checkOwn(version, ts)),
    abandon: ({ actor }) => guarded(() => ({ self: store.abandon(actor) })),
    rewrite: () =>
      guarded(() => {
        const { commits, isDone } = store.rewrite()
        publish(commits)
        return { isDone }
      }),
    keepForks: (known) =>
      guarded(() => {
        store.keepForks(known)
        return null
      }),
    cleared: () => guarded(() => store.cleared()),
    applyAgain: ({ changesets }) =>
      guarded(() => {
        const { report, touched } = store.applyAgain(changesets)
        changed(touched)
        return report
      }),
  }
}
