/** A Port for tests whose calls are settled by hand, as no real process can be told to. Production code has no use of it. */
import { err, type Port, type PortContract, type PortError, type PortStream, type Result } from '@patina/base'

export interface FakeCall {
  readonly kind: string
  readonly request: unknown
  settle(result: Result<unknown, PortError>): void
}

export class FakePort<C extends PortContract> {
  readonly calls: FakeCall[] = []
  readonly #closed = Promise.withResolvers<{ readonly reason: string }>()
  readonly #open = new Set<(result: Result<never, PortError>) => void>()
  #listener: (event: C['event']) => void = () => {}
  killed = false

  /** The same object as a Port; the generic methods are fulfilled by construction. */
  asPort(): Port<C> {
    return this as unknown as Port<C>
  }

  get pending(): number {
    return this.#open.size
  }

  get closed(): Promise<{ readonly reason: string }> {
    return this.#closed.promise
  }

  call(kind: string, request: unknown): Promise<Result<unknown, PortError>> {
    return this.#record(kind, request)
  }

  openStream(kind: string, request: unknown): Promise<Result<unknown, PortError>> {
    return this.#record(kind, request)
  }

  onEvent(listener: (event: C['event']) => void): void {
    this.#listener = listener
  }

  emit(event: C['event']): void {
    this.#listener(event)
  }

  async close(): Promise<void> {
    this.end('closed')
  }

  kill(): void {
    this.killed = true
    this.end('killed')
  }

  end(reason: string): void {
    for (const settle of this.#open) settle(err({ kind: 'lost', state: 'unknown', reason }))
    this.#closed.resolve({ reason })
  }

  #record(kind: string, request: unknown): Promise<Result<unknown, PortError>> {
    const { promise, resolve } = Promise.withResolvers<Result<unknown, PortError>>()
    const settle = (result: Result<unknown, PortError>): void => {
      this.#open.delete(settle)
      resolve(result)
    }
    this.#open.add(settle)
    this.calls.push({ kind, request, settle })
    return promise
  }
}

/** A stream whose chunks come from a generator. */
export function fakeStream<Head>(head: Head, chunks: AsyncIterableIterator<Uint8Array>): PortStream<Head> {
  return { head, chunks }
}

/** Lets promises that are settled run on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Waits until `condition` holds; fails after a second. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 1_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('waited a second in vain')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
