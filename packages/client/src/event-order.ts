/**
 * EventOrder: what may follow what in a subscription, and which change is the next. I-CLIENT-1: what is delivered after a
 * result or a `from` are the changes with the ids that follow, each once. Pure; subscription.ts acts on what is refused.
 */
import { MissedChangeError, ProtocolError } from './error.ts'
import type { StreamEvent } from './event.ts'

/** `replay`: a result that repeats what was delivered already, because nothing has changed since. */
type Phase = 'columns' | 'rows' | 'changes' | 'replay'

export class EventOrder {
  #phase: Phase = 'columns'
  #last: number | undefined

  /** The last change that is part of what was delivered; undefined while a result is not complete. */
  get last(): number | undefined {
    return this.#last
  }

  /** True where a result is expected and nothing of it was delivered: it may begin again unnoticed. */
  isUntouched(): boolean {
    return this.#phase === 'columns'
  }

  /** A result with its rows comes. */
  expectResult(): void {
    this.#phase = 'columns'
    this.#last = undefined
  }

  /** Changes come; the first has the id after `last`, or any where `last` is unknown. */
  expectChanges(last: number | undefined): void {
    this.#phase = 'changes'
    this.#last = last
  }

  /** True where the event is to be delivered. Throws ProtocolError and, for a gap, MissedChangeError. */
  accept(event: Exclude<StreamEvent<unknown>, { kind: 'error' }>): boolean {
    switch (event.kind) {
      case 'columns':
        return this.#acceptColumns()
      case 'row':
        return this.#phase === 'replay' ? false : this.#demand('rows', event.kind)
      case 'eoq':
        return this.#acceptEnd(event.changeId)
      case 'change':
        this.#demand('changes', event.kind)
        if (this.#last !== undefined && event.changeId !== this.#last + 1)
          throw new MissedChangeError(this.#last + 1, event.changeId)
        this.#last = event.changeId
        return true
      case 'mark':
        return this.#acceptMark(event.changeId)
      default:
        throw new ProtocolError(`unknown event ${(event satisfies never as { kind: string }).kind}`)
    }
  }

  #acceptColumns(): boolean {
    // `from=0` asks for the whole result: the protocol has no word for "the changes since change 0".
    if (this.#phase === 'changes' && this.#last === 0) {
      this.#phase = 'replay'
      return false
    }
    this.#demand('columns', 'columns')
    this.#phase = 'rows'
    return true
  }

  #acceptEnd(changeId: number | undefined): boolean {
    if (changeId === undefined) throw new ProtocolError('the end of a result names no change id')
    const replayed = this.#phase === 'replay'
    if (replayed && changeId !== 0) throw new MissedChangeError(1, changeId + 1)
    if (!replayed) this.#demand('rows', 'eoq')
    this.#phase = 'changes'
    this.#last = changeId
    return !replayed
  }

  /** It tells also where a stream begins that has no rows. */
  #acceptMark(changeId: number): boolean {
    this.#demand('changes', 'mark')
    this.#last ??= changeId
    if (changeId !== this.#last) throw new MissedChangeError(this.#last + 1, changeId + 1)
    return true
  }

  #demand(phase: Phase, what: string): true {
    if (this.#phase === phase) return true
    throw new ProtocolError(`an event came where it has no place: ${what} among ${this.#phase}`)
  }
}
