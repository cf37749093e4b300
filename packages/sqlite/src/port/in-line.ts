/**
 * In-line carrier: service and caller in one thread, for tests and for embedding. Messages are cloned and delivered on a
 * later turn of the loop, so that what works here works between processes. It cannot stop a statement: `kill` only
 * ends the port.
 */
import type { Port, PortContract, PortHandlers } from '@patina/base'
import { Caller, type CallerOptions } from './caller.ts'
import type { Channel, ToCaller, ToService } from './message.ts'
import { Outbox } from './outbox.ts'
import { serve } from './serve.ts'

export function openInLine<C extends PortContract>(
  handlers: PortHandlers<C>,
  options?: CallerOptions,
): Port<C> {
  const callerEnd = new InLineChannel<ToService, ToCaller>()
  const serviceEnd = new InLineChannel<ToCaller, ToService>()
  callerEnd.connect(serviceEnd)
  serviceEnd.connect(callerEnd)
  const port = new Caller<C>(callerEnd, options)
  serve(serviceEnd, handlers)
  return port
}

class InLineChannel<Out, In> implements Channel<Out, In> {
  #peer: InLineChannel<In, Out> | undefined
  #listener: (batch: readonly In[]) => void = () => {}
  #ended: (reason: string) => void = () => {}
  #open = true
  readonly #outbox = new Outbox<Out>(
    (batch, taken) => {
      if (this.#open) this.#peer?.receive(structuredClone(batch))
      taken()
    },
    () => this.endWith('the other end does not read'),
  )

  connect(peer: InLineChannel<In, Out>): void {
    this.#peer = peer
  }

  receive(batch: readonly In[]): void {
    if (this.#open) this.#listener(batch)
  }

  send(message: Out): void {
    if (this.#open) this.#outbox.push(message)
  }

  onMessages(listener: (batch: readonly In[]) => void): void {
    this.#listener = listener
  }

  onEnd(listener: (reason: string) => void): void {
    this.#ended = listener
  }

  end(): void {
    this.#outbox.flushAll(() => this.endWith('ended'))
  }

  kill(): void {
    this.endWith('killed')
  }

  endWith(reason: string): void {
    if (!this.#open) return
    this.#open = false
    this.#ended(reason)
    this.#peer?.endWith(reason)
  }
}
