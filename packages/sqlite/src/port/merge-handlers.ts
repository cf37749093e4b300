/** Two services behind one Port. */
import type { PortContract, PortHandlers } from '@patina/base'

/** Two services as one. A kind that both have is the second's. */
export function mergeHandlers<A extends PortContract, B extends PortContract>(
  first: PortHandlers<A>,
  second: PortHandlers<B>,
): PortHandlers<MergedContract<A, B>> {
  const merged = {
    calls: { ...first.calls, ...second.calls },
    streams: { ...first.streams, ...second.streams },
    start: (emit: (event: A['event'] | B['event']) => void) => {
      first.start?.(emit)
      second.start?.(emit)
    },
    closing: () => {
      first.closing?.()
      second.closing?.()
    },
    stop: async () => {
      await first.stop?.()
      await second.stop?.()
    },
  }
  return merged as unknown as PortHandlers<MergedContract<A, B>>
}

export interface MergedContract<A extends PortContract, B extends PortContract> {
  readonly calls: A['calls'] & B['calls']
  readonly streams: A['streams'] & B['streams']
  readonly event: A['event'] | B['event']
}
