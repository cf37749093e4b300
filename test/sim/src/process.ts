/**
 * Process: one machine that runs on a simulated host, as apps/agent's driver runs it: every event with the time of the
 * host's own monotonic clock, which starts with the process; `deadline-reached` when the machine wants it, after the
 * input of the same instant. A process may stall: what arrives waits in its socket buffer, and when it wakes, either
 * the input goes first (as our driver has it) or the deadlines (as a bare event loop would).
 */
import { type Instant, NEVER } from '@patina/base'
import { RANK } from './event-heap.ts'
import type { FleetEffect, FleetEvent } from './fleet-event.ts'
import type { World } from './world.ts'

export interface Machine {
  handle(event: FleetEvent, now: Instant): readonly FleetEffect[]
  nextDeadline(): Instant
}

export type WakeOrder = 'input-first' | 'deadlines-first'

export interface Stall {
  readonly forMs: number
  readonly order: WakeOrder
  /** `stands`: the monotonic clock does not count the stall, as in a suspended virtual machine. */
  readonly clock: 'runs' | 'stands'
}

export interface ProcessOptions {
  readonly world: World
  readonly node: number
  readonly machine: Machine
  readonly perform: (effect: FleetEffect) => void
}

/** The socket's receive buffer that transport/udp asks for; what comes above it is lost. */
const INBOX_BYTES_MAX = 4_194_304

export class Process {
  readonly #options: ProcessOptions
  readonly #bootedAt: number
  /** How long the monotonic clock stood. */
  #stoodMs = 0
  #stalledUntil = 0
  #stall: Stall | undefined
  #inbox: FleetEvent[] = []
  #inboxBytes = 0
  /** The machine's next deadline: it changes with what the machine is told, and is asked for once after each. */
  #deadline: Instant
  /** World time of the wake that counts; others in the heap are stale. */
  #wakeAt: number = Number.POSITIVE_INFINITY
  #isRunning = true

  constructor(options: ProcessOptions) {
    this.#options = options
    this.#bootedAt = options.world.now
    this.#deadline = options.machine.nextDeadline()
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  get isStalled(): boolean {
    return this.#stall !== undefined
  }

  feed(event: FleetEvent): void {
    if (!this.#isRunning) return
    if (this.#stall === undefined) this.#handle(event)
    else this.#keep(event)
  }

  /** Stands still from now on. A stall within a stall lengthens it. */
  stall(stall: Stall): void {
    if (!this.#isRunning) return
    const { world } = this.#options
    if (stall.clock === 'stands')
      this.#stoodMs += Math.max(0, world.now + stall.forMs - Math.max(world.now, this.#stalledUntil))
    this.#stall = stall
    this.#stalledUntil = Math.max(this.#stalledUntil, world.now + stall.forMs)
    const until = this.#stalledUntil
    world.at(until, RANK.input, () => {
      if (this.#stalledUntil === until) this.#wakeUp()
    })
  }

  /** The end: nothing is handed to the machine any more. */
  end(): void {
    this.#isRunning = false
    this.#inbox = []
  }

  #wakeUp(): void {
    const { order } = this.#stall ?? { order: 'input-first' }
    if (!this.#isRunning || this.#stall === undefined) return
    this.#stall = undefined
    const inbox = this.#inbox
    this.#inbox = []
    this.#inboxBytes = 0
    if (order === 'deadlines-first') this.#runDue()
    for (const event of inbox) this.feed(event)
    this.#runDue()
    this.#arm()
  }

  #keep(event: FleetEvent): void {
    if (event.kind === 'datagram-received') {
      if (this.#inboxBytes + event.bytes.length > INBOX_BYTES_MAX) return
      this.#inboxBytes += event.bytes.length
    }
    this.#inbox.push(event)
  }

  #handle(event: FleetEvent): void {
    const { machine, perform } = this.#options
    const effects = machine.handle(event, this.#now())
    this.#deadline = machine.nextDeadline()
    for (const effect of effects) perform(effect)
    this.#arm()
  }

  #runDue(): void {
    if (this.#isRunning && this.#stall === undefined && this.#wantedAt() <= this.#options.world.now)
      this.#handle({ kind: 'deadline-reached' })
  }

  /** The machine's next deadline in the time of the world. */
  #wantedAt(): number {
    const deadline = this.#deadline
    return deadline === NEVER ? Number.POSITIVE_INFINITY : deadline + this.#bootedAt + this.#stoodMs
  }

  #arm(): void {
    const { world } = this.#options
    const at = Math.max(world.now, this.#wantedAt())
    if (at === Number.POSITIVE_INFINITY || at >= this.#wakeAt) return
    this.#wakeAt = at
    world.at(at, RANK.deadline, () => this.#wake(at))
  }

  #wake(at: number): void {
    if (at !== this.#wakeAt) return
    this.#wakeAt = Number.POSITIVE_INFINITY
    if (!this.#isRunning || this.#stall !== undefined) return
    this.#runDue()
    this.#arm()
  }

  /** Never before a deadline that the world's clock has reached: adding and subtracting the boot time may round. */
  #now(): Instant {
    const { world } = this.#options
    const now = (world.now - this.#bootedAt - this.#stoodMs) as Instant
    const deadline = this.#deadline
    return deadline > now && this.#wantedAt() <= world.now ? deadline : now
  }
}
