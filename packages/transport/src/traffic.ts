/** Traffic: what the sessions of a node have carried, by lane: messages dropped, bytes of frames, and of these on the wire. */
import { LANES, type Lane } from '@patina/base'

export interface LaneTraffic {
  /** Messages that found no session or no room. */
  readonly dropped: number
  readonly sentBytes: number
  /** As frames, packed or not; without WebSocket and TLS. */
  readonly sentWireBytes: number
  readonly receivedBytes: number
  readonly receivedWireBytes: number
}

type Counts = { -readonly [field in keyof LaneTraffic]: LaneTraffic[field] }

const NOTHING: LaneTraffic = {
  dropped: 0,
  sentBytes: 0,
  sentWireBytes: 0,
  receivedBytes: 0,
  receivedWireBytes: 0,
}

export class Traffic {
  readonly #lanes: ReadonlyMap<Lane, Counts> = new Map(LANES.map((lane) => [lane, { ...NOTHING }]))

  get byLane(): ReadonlyMap<Lane, LaneTraffic> {
    return this.#lanes
  }

  dropped(lane: Lane): void {
    const counts = this.#lanes.get(lane)
    if (counts !== undefined) counts.dropped += 1
  }

  sent(lane: Lane, bytes: number, wireBytes: number): void {
    const counts = this.#lanes.get(lane)
    if (counts === undefined) return
    counts.sentBytes += bytes
    counts.sentWireBytes += wireBytes
  }

  received(lane: Lane, bytes: number, wireBytes: number): void {
    const counts = this.#lanes.get(lane)
    if (counts === undefined) return
    counts.receivedBytes += bytes
    counts.receivedWireBytes += wireBytes
  }
}
