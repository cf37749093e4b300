/**
 * Watch: the parent's end of the watch of a child process (watch-thread.ts is the other). It answers while the child's main
 * thread is inside a statement; where it does not, the process as a whole stands. Judges nothing: its owner knows what
 * is too long.
 */
import type { Socket } from 'node:net'
import type { Overfull, Pulse, WatchAsk, Withdrawal } from './watch-thread.ts'

/** Asks that wait for an answer; above it nothing is asked. One a second is usual, and one for each call that is late. */
const ASKS_MAX = 2_048

export class Watch {
  readonly #pipe: Socket
  readonly #waiting = new Map<number, (answer: unknown) => void>()
  #lastAsk = 0
  #overfull: Overfull | undefined

  constructor(pipe: Socket) {
    this.#pipe = pipe
    let rest = ''
    pipe.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#receive(JSON.parse(line))
    })
    // A child that is gone is reported by its channel.
    pipe.on('error', () => {})
    pipe.unref()
  }

  /** What the process has said of its memory before it ended itself; undefined where it has not. */
  overfull(): Overfull | undefined {
    return this.#overfull
  }

  /** Undefined: no answer within `ms`. */
  pulse(ms: number): Promise<Pulse | undefined> {
    return this.#ask('pulse', 0, ms) as Promise<Pulse | undefined>
  }

  /** Takes back a call that has not begun; `begun` where nobody answers, too. */
  async withdraw(id: number, ms: number): Promise<Withdrawal> {
    return ((await this.#ask('withdraw', id, ms)) as Withdrawal | undefined) ?? 'begun'
  }

  /** Functions that the main thread is in, innermost first; undefined where it is in none of ours, or does not answer. */
  stack(ms: number): Promise<readonly string[] | undefined> {
    return this.#ask('stack', 0, ms) as Promise<readonly string[] | undefined>
  }

  #ask(ask: WatchAsk, argument: number, ms: number): Promise<unknown> {
    if (this.#waiting.size >= ASKS_MAX) return Promise.resolve(undefined)
    this.#lastAsk += 1
    const number = this.#lastAsk
    return new Promise((resolve) => {
      const settle = (answer: unknown): void => {
        clearTimeout(timer)
        this.#waiting.delete(number)
        resolve(answer)
      }
      const timer = setTimeout(() => settle(undefined), ms)
      this.#waiting.set(number, settle)
      if (this.#pipe.writable) this.#pipe.write(`${JSON.stringify([number, ask, argument])}\n`)
    })
  }

  #receive([number, answer]: [number, unknown]): void {
    if (number === 0) this.#overfull = answer as Overfull
    else this.#waiting.get(number)?.(answer)
  }
}
