/**
 * Counters of what sessions with peers have carried, by lane. The sums are the transport's, which never go back; they are
 * read at each exposition.
 */
import type { LaneTraffic } from '@patina/transport'
import { Counter, type Registry } from 'prom-client'

type Traffic = ReadonlyMap<string, LaneTraffic>

export function registerStreamCounters(registry: Registry, read: () => Traffic): void {
  const counter = <L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    tell: (counter: Counter<'lane' | L>, lane: string, traffic: LaneTraffic) => void,
  ): void => {
    const made: Counter<'lane' | L> = new Counter({
      name: `patina_stream_${name}_total`,
      help,
      labelNames: ['lane', ...labels],
      registers: [registry],
      collect: () => {
        made.reset()
        for (const [lane, traffic] of read()) tell(made, lane, traffic)
      },
    })
  }
  counter('dropped', 'messages for which a session had no room', [], (made, lane, { dropped }) =>
    made.inc({ lane }, dropped),
  )
  counter('bytes', 'bytes of messages to and from peers', ['direction'], (made, lane, traffic) => {
    made.inc({ lane, direction: 'out' }, traffic.sentBytes)
    made.inc({ lane, direction: 'in' }, traffic.receivedBytes)
  })
  counter('wire_bytes', 'the same, packed where they were', ['direction'], (made, lane, traffic) => {
    made.inc({ lane, direction: 'out' }, traffic.sentWireBytes)
    made.inc({ lane, direction: 'in' }, traffic.receivedWireBytes)
  })
}
