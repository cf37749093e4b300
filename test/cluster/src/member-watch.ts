/**
 * MemberWatch: what agents tell of their members by GET /v1/members?watch, with the moment at which each line came. One
 * stream an agent; all of them together are the history that a test asks about. It judges nothing.
 */
import type { RunningNode } from './cluster.ts'

export interface MemberEvent {
  readonly atMs: number
  /** Who tells. */
  readonly observer: string
  /** Of whom. */
  readonly name: string
  readonly state: 'alive' | 'suspect' | 'down' | 'left'
}

/** A watch of hours on a loopback cluster has some thousand. */
const EVENTS_MAX = 1_000_000

export class MemberWatch {
  readonly events: MemberEvent[] = []
  readonly #streams = new Map<string, AbortController>()
  /** Errors of streams that nobody closed; an agent that was killed ends its own. */
  readonly broken: string[] = []

  /** Begins to listen to an agent; again after its restart. */
  async open(node: RunningNode): Promise<void> {
    this.#streams.get(node.name)?.abort()
    const stream = new AbortController()
    this.#streams.set(node.name, stream)
    const response = await fetch(`http://127.0.0.1:${node.apiPort}/v1/members?watch`, {
      signal: stream.signal,
      headers: node.api.authorization,
    })
    if (response.body === null) throw new Error(`${node.name} tells nothing of its members`)
    void this.#follow(node.name, response.body).catch((cause: Error) => {
      if (!stream.signal.aborted) this.broken.push(`${node.name}: ${cause.message}`)
    })
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.abort()
  }

  /** When `observer` first told this since `sinceMs`; undefined where it has not. */
  firstTold(
    observer: string,
    name: string,
    state: MemberEvent['state'],
    sinceMs: number,
  ): number | undefined {
    return this.events.find(
      (event) =>
        event.atMs >= sinceMs && event.observer === observer && event.name === name && event.state === state,
    )?.atMs
  }

  async #follow(observer: string, body: ReadableStream<Uint8Array>): Promise<void> {
    const utf8 = new TextDecoder()
    let rest = ''
    for await (const chunk of body) {
      const atMs = performance.now()
      const lines = (rest + utf8.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() as string
      for (const line of lines) this.#add(observer, atMs, line)
    }
  }

  #add(observer: string, atMs: number, line: string): void {
    const { member } = JSON.parse(line) as { readonly member?: Pick<MemberEvent, 'name' | 'state'> }
    if (member === undefined || this.events.length >= EVENTS_MAX) return
    this.events.push({ atMs, observer, name: member.name, state: member.state })
  }
}
