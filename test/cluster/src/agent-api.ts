/**
 * AgentApi: the part of an agent's HTTP API that tests use, over kept-alive connections. Every request has a
 * deadline; an answer other than 200 throws with the agent's own words.
 */
import { Agent, type IncomingMessage, request } from 'node:http'

export type Parameter = string | number | null
export type Statement = readonly [sql: string, parameters: readonly Parameter[]]

export interface Member {
  readonly actor: string
  readonly name: string
  readonly state: 'alive' | 'suspect' | 'down' | 'left'
  readonly self: boolean
  /** Its gossip address. */
  readonly addr: string
}

/** No answer, or one that is not 200. `status` is undefined where there was none. */
export class ApiError extends Error {
  readonly status: number | undefined
  constructor(message: string, status?: number, cause?: unknown) {
    super(message, { cause })
    this.status = status
  }
}

export interface AgentAccess {
  /** Default: loopback. */
  readonly host?: string | undefined
  readonly token?: string | undefined
}

const HOST = '127.0.0.1'
const REQUEST_TIMEOUT_MS = 10_000
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

export class AgentApi {
  readonly #port: number
  readonly #host: string
  /** Headers of every request. */
  readonly authorization: Readonly<Record<string, string>>
  readonly #name: string
  readonly #connections: Agent = new Agent({ keepAlive: true, maxSockets: 16 })

  constructor(name: string, port: number, { host = HOST, token }: AgentAccess = {}) {
    this.#name = name
    this.#port = port
    this.#host = host
    this.authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  }

  /** One transaction; the version that it got, null where nothing changed. */
  async execute(statements: readonly Statement[]): Promise<number | null> {
    const answer = JSON.parse(await this.#request('POST', '/v1/transactions', statements)) as {
      readonly version: number | null
    }
    return answer.version
  }

  /** The lines of a query's rows, as the agent encodes them: `[cell, …]`. */
  async queryLines(sql: string, parameters: readonly Parameter[] = []): Promise<string[]> {
    const lines = (await this.#request('POST', '/v1/queries', [sql, parameters])).trimEnd().split('\n')
    return readRows(lines, this.#name)
  }

  async query(sql: string, parameters: readonly Parameter[] = []): Promise<Parameter[][]> {
    return (await this.queryLines(sql, parameters)).map((line) => JSON.parse(line) as Parameter[])
  }

  async members(): Promise<readonly Member[]> {
    return (JSON.parse(await this.#request('GET', '/v1/members')) as { readonly members: readonly Member[] })
      .members
  }

  /** One sample of /metrics by its name with labels; 0 where there is none yet. */
  async metric(sample: string): Promise<number> {
    const line = (await this.#request('GET', '/metrics'))
      .split('\n')
      .find((one) => one.startsWith(`${sample} `))
    return line === undefined ? 0 : Number(line.slice(sample.length + 1))
  }

  isHealthy(): Promise<boolean> {
    return this.#isWell('/healthz')
  }

  /** It has joined and caught up. */
  isReady(): Promise<boolean> {
    return this.#isWell('/readyz')
  }

  close(): void {
    this.#connections.destroy()
  }

  async #isWell(path: string): Promise<boolean> {
    try {
      await this.#request('GET', path)
      return true
    } catch (error) {
      if (error instanceof ApiError) return false
      throw error
    }
  }

  #request(method: 'GET' | 'POST', path: string, body?: unknown): Promise<string> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers =
      text === undefined
        ? this.authorization
        : {
            ...this.authorization,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const outgoing = request(
      {
        host: this.#host,
        port: this.#port,
        method,
        path,
        headers,
        agent: this.#connections,
        timeout: REQUEST_TIMEOUT_MS,
      },
      (answer) => readAnswer(answer, `${this.#name} ${method} ${path}`).then(resolve, reject),
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', (cause) =>
      reject(new ApiError(`${this.#name} ${method} ${path}: ${cause.message}`, undefined, cause)),
    )
    outgoing.end(text)
    return promise
  }
}

/** From the lines of an answer to those of its rows; throws where the query failed midway or was cut off. */
export function readRows(lines: readonly string[], name: string): string[] {
  const rows: string[] = []
  for (const line of lines) {
    const row = /^\{"row":\[\d+,(\[.*\])\]\}$/.exec(line)?.[1]
    if (row !== undefined) rows.push(row)
    else if (line.startsWith('{"error"')) throw new ApiError(`${name}: ${line}`, 200)
  }
  if (lines.at(-1)?.startsWith('{"eoq"') !== true) throw new ApiError(`${name}: the answer was cut off`, 200)
  return rows
}

async function readAnswer(answer: IncomingMessage, what: string): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      parts.push(part)
      bytes += part.length
      if (bytes > ANSWER_BYTES_MAX) throw new Error(`more than ${ANSWER_BYTES_MAX} bytes`)
    }
  } catch (cause) {
    throw new ApiError(`${what}: ${(cause as Error).message}`, undefined, cause)
  }
  const text = Buffer.concat(parts).toString('utf8')
  if (answer.statusCode !== 200)
    throw new ApiError(`${what}: ${answer.statusCode} ${text.slice(0, 500)}`, answer.statusCode)
  return text
}
