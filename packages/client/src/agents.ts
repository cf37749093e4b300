/**
 * Agents: the addresses that a client may use, in order of preference, and one request to one of them. A request goes to
 * the agent that answered last; after `stickyMs` away from the first one, the first is tried again. Another agent is tried
 * only where that cannot do a thing twice. Each agent has its own copy: what one has written may reach the next a little later.
 */
import { Answer, type Leash, reasonOf, refusalOf, within } from './answer.ts'
import { ApiError, ConnectionError } from './error.ts'

export interface AgentsOptions {
  readonly addresses: readonly string[]
  readonly token: string | (() => string | undefined) | undefined
  readonly fetch: typeof globalThis.fetch
  readonly stickyMs: number
}

export interface AgentRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With its query string. */
  readonly path: string
  /** JSON text. */
  readonly body?: string
  readonly signal: AbortSignal | undefined
  /** Until the head of the answer; Infinity is no limit. */
  readonly silenceMs: number
  /** `reads`: any failure but a refusal may be tried at the next agent · `writes`: only where nothing was done. */
  readonly effect: 'reads' | 'writes'
}

export class Agents {
  readonly #options: AgentsOptions
  /** Index of the agent in use; above 0 until `#firstAgainAt`. */
  #current = 0
  #firstAgainAt = 0

  constructor(options: AgentsOptions) {
    this.#options = options
  }

  get addresses(): readonly string[] {
    return this.#options.addresses
  }

  /** The first answer that an agent gives. Throws what the last one that was tried gave: ApiError, ConnectionError. */
  async send(request: AgentRequest): Promise<Answer> {
    let last: unknown
    for (const index of this.#order()) {
      try {
        const answer = await this.sendTo(this.#options.addresses[index] as string, request)
        this.#use(index)
        return answer
      } catch (cause) {
        if (!mayTryNext(cause, request.effect)) throw cause
        last = cause
      }
    }
    throw last
  }

  /** One agent and no other. */
  async sendTo(address: string, request: AgentRequest): Promise<Answer> {
    const { signal: caller, silenceMs } = request
    caller?.throwIfAborted()
    const controller = new AbortController()
    const leash: Leash = { address, caller, controller }
    const signal = caller === undefined ? controller.signal : AbortSignal.any([caller, controller.signal])
    let response: Response
    try {
      const asked = this.#options.fetch(`${address}${request.path}`, { ...this.#init(request), signal })
      response = await within(asked, { ms: silenceMs, leash, kind: 'unanswered' })
    } catch (cause) {
      throw reasonOf(cause, leash, 'unanswered')
    }
    if (!response.ok) throw await refusalOf(response, leash, silenceMs)
    return new Answer(response, leash)
  }

  #init({ method, body }: AgentRequest): RequestInit {
    const headers: Record<string, string> = { accept: 'application/json, application/x-ndjson' }
    const { token } = this.#options
    const current = typeof token === 'function' ? token() : token
    if (current !== undefined) headers.authorization = `Bearer ${current}`
    if (body !== undefined) headers['content-type'] = 'application/json'
    // An agent never redirects; who does must not get the token.
    const init: RequestInit = { method, headers, redirect: 'error', cache: 'no-store' }
    return body === undefined ? init : { ...init, body }
  }

  /** The agent in use, then the others in their order. */
  #order(): number[] {
    if (this.#current > 0 && performance.now() >= this.#firstAgainAt) this.#current = 0
    const all = [...this.#options.addresses.keys()]
    return [this.#current, ...all.filter((index) => index !== this.#current)]
  }

  #use(index: number): void {
    if (index !== this.#current) this.#firstAgainAt = performance.now() + this.#options.stickyMs
    this.#current = index
  }
}

function mayTryNext(cause: unknown, effect: AgentRequest['effect']): boolean {
  // 503 is overload in all its forms: nothing was done.
  if (cause instanceof ApiError) return cause.status === 503
  return cause instanceof ConnectionError && (effect === 'reads' || cause.kind === 'unreachable')
}

/** `host:port` or an http URL → the base of URLs, without a slash at its end. Throws TypeError. */
export function baseUrl(address: string): string {
  const text = /^https?:\/\//.test(address) ? address : `http://${address}`
  if (!URL.canParse(text)) throw new TypeError(`an address is host:port or an http URL, not ${address}`)
  return text.replace(/\/+$/, '')
}
