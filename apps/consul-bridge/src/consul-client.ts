/**
 * The HTTP API of the host's Consul agent (and, for `compare`, its view of the catalog). Token and certificates are read
 * again when their files change. Every answer has a deadline and a bound. Blocking queries are no option: Consul offers
 * none for what an agent itself has (ADR 0036).
 */
import { X509Certificate } from 'node:crypto'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { err, ok, type Result } from '@patina/base'
import { StartRefusal } from '@patina/program/refusal'
import { type ConsulState, readChecks, readServices, type ServiceRow } from './consul-rows.ts'
import { CredentialFiles, type CredentialPaths, type Credentials } from './credentials.ts'

/**
 * `unreachable`: nobody there, or not in time · `tls`: certificates do not fit · `denied`: the token may not ·
 * `answer`: an answer that is none of Consul's · `credentials`: files of ours that cannot be used.
 */
export type ConsulTrouble = 'unreachable' | 'tls' | 'denied' | 'answer' | 'credentials'

export interface ConsulFailure {
  readonly kind: ConsulTrouble
  readonly message: string
}

export interface ConsulClientOptions {
  /** `http://127.0.0.1:8500`. */
  readonly address: URL
  readonly credentials: CredentialPaths
  /** Until the last byte of an answer. */
  readonly timeoutMs: number
}

/** A reading of the agent. `filtered`: rows are missing because the token may not see them. */
export interface Reading extends ConsulState {
  readonly filtered: boolean
}

/** Whose certificate → when it ends, Unix ms. */
export type Expiries = ReadonlyMap<CertificateOwner, number>
export type CertificateOwner = 'own' | 'ca' | 'consul'

interface Answer {
  readonly body: unknown
  readonly filtered: boolean
}

/** Far above what an agent of 10,000 services answers. */
export const ANSWER_BYTES_MAX = 67_108_864
const ERROR_CHARS_MAX = 200

export class ConsulClient {
  readonly #options: ConsulClientOptions
  readonly #files: CredentialFiles
  /** Made anew when the credentials change. */
  #connections: { readonly of: Credentials; readonly agent: HttpAgent } | undefined
  #peerExpiresMs: number | undefined

  constructor(options: ConsulClientOptions) {
    this.#options = options
    this.#files = new CredentialFiles(options.credentials)
  }

  /** Services and checks of the agent itself. */
  async readAgent(signal?: AbortSignal): Promise<Result<Reading, ConsulFailure>> {
    const [services, checks] = await Promise.all([
      this.#read('/v1/agent/services', readServices, signal),
      this.#read('/v1/agent/checks', readChecks, signal),
    ])
    if (!services.ok) return services
    if (!checks.ok) return checks
    const filtered = services.value.filtered || checks.value.filtered
    return ok({ services: services.value.rows, checks: checks.value.rows, filtered })
  }

  /**
   * The agent's node name. Denied where the token may not read the agent: Consul then answers lists with 200 and
   * nothing in them, so that an expired token looks as if everything had been deregistered.
   */
  async nodeName(signal?: AbortSignal): Promise<Result<string, ConsulFailure>> {
    const answer = await this.#get('/v1/agent/self', signal)
    if (!answer.ok) return answer
    const { Config } = (answer.value.body ?? {}) as { readonly Config?: { readonly NodeName?: unknown } }
    const name = Config?.NodeName
    if (typeof name === 'string' && name !== '') return ok(name)
    return err({ kind: 'answer', message: '/v1/agent/self tells no Config.NodeName' })
  }

  /** Names of the nodes in the catalog. */
  async catalogNodes(): Promise<Result<string[], ConsulFailure>> {
    const answer = await this.#get('/v1/catalog/nodes')
    if (!answer.ok) return answer
    const { body } = answer.value
    if (!Array.isArray(body) || !body.every(({ Node }) => typeof Node === 'string'))
      return err({ kind: 'answer', message: '/v1/catalog/nodes is no list of nodes' })
    return ok(body.map(({ Node }) => Node as string))
  }

  /** What the catalog has of a node. */
  async catalogState(node: string): Promise<Result<ConsulState, ConsulFailure>> {
    const name = encodeURIComponent(node)
    const [services, checks] = await Promise.all([
      this.#read(`/v1/catalog/node/${name}`, readCatalogServices),
      this.#read(`/v1/health/node/${name}`, readChecks),
    ])
    if (!services.ok) return services
    if (!checks.ok) return checks
    return ok({ services: services.value.rows, checks: checks.value.rows })
  }

  /** Of certificates that are in use; empty without TLS. */
  expiries(): Expiries {
    const { certificate, ca } = this.#connections?.of ?? {}
    const ends = new Map<CertificateOwner, number>()
    if (certificate !== undefined) ends.set('own', expiresMs(certificate))
    if (ca !== undefined) ends.set('ca', expiresMs(ca))
    if (this.#peerExpiresMs !== undefined) ends.set('consul', this.#peerExpiresMs)
    return ends
  }

  close(): void {
    this.#connections?.agent.destroy()
  }

  async #read<Row>(
    path: string,
    decode: (body: unknown) => Result<Map<string, Row>, string>,
    signal?: AbortSignal,
  ): Promise<Result<{ readonly rows: Map<string, Row>; readonly filtered: boolean }, ConsulFailure>> {
    const answer = await this.#get(path, signal)
    if (!answer.ok) return answer
    const rows = decode(answer.value.body)
    if (!rows.ok) return err({ kind: 'answer', message: `${path}: ${rows.error}` })
    return ok({ rows: rows.value, filtered: answer.value.filtered })
  }

  async #get(path: string, signal?: AbortSignal): Promise<Result<Answer, ConsulFailure>> {
    const credentials = await this.#files.read()
    if (!credentials.ok) return err({ kind: 'credentials', message: credentials.error })
    const deadline = AbortSignal.timeout(this.#options.timeoutMs)
    try {
      const response = await this.#send(
        path,
        credentials.value,
        AbortSignal.any([deadline, ...(signal ? [signal] : [])]),
      )
      return await readAnswer(path, response)
    } catch (cause) {
      return err(failureOf(path, cause as NodeJS.ErrnoException, deadline.aborted, this.#options.timeoutMs))
    }
  }

  #send(path: string, credentials: Credentials, signal: AbortSignal): Promise<IncomingMessage> {
    const { address } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const { token } = credentials
    const headers = {
      accept: 'application/json',
      ...(token === undefined ? {} : { 'x-consul-token': token }),
    }
    const agent = this.#agentFor(credentials)
    const send = address.protocol === 'https:' ? httpsRequest : httpRequest
    const outgoing = send(new URL(path, address), { agent, headers, signal })
    outgoing.once('response', (response) => {
      this.#notePeer(response.socket as TLSSocket)
      resolve(response)
    })
    outgoing.once('error', reject)
    outgoing.end()
    return promise
  }

  #agentFor(credentials: Credentials): HttpAgent {
    if (this.#connections?.of === credentials) return this.#connections.agent
    this.#connections?.agent.destroy()
    const { ca, certificate, key } = credentials
    const { serverName } = this.#options.credentials
    const tls = {
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined ? {} : { cert: certificate, key }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    }
    const isTls = this.#options.address.protocol === 'https:'
    const agent = isTls ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true })
    this.#connections = { of: credentials, agent }
    return agent
  }

  #notePeer(socket: TLSSocket): void {
    // A resumed connection shows no certificate again.
    const end = socket.encrypted ? socket.getPeerCertificate().valid_to : undefined
    if (end !== undefined) this.#peerExpiresMs = Date.parse(end)
  }
}

/** `/v1/catalog/node/:node`; null where the catalog has no such node. */
function readCatalogServices(body: unknown): Result<Map<string, ServiceRow>, string> {
  return readServices(body === null ? {} : ((body as { readonly Services?: unknown }).Services ?? {}))
}

async function readAnswer(path: string, response: IncomingMessage): Promise<Result<Answer, ConsulFailure>> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > ANSWER_BYTES_MAX)
      return err({ kind: 'answer', message: `${path} has more than ${ANSWER_BYTES_MAX} bytes` })
    parts.push(part)
  }
  const text = Buffer.concat(parts).toString('utf8')
  const { statusCode: status } = response
  if (status === 401 || status === 403)
    return err({ kind: 'denied', message: `${path}: ${status} ${short(text)}` })
  if (status !== 200) return err({ kind: 'answer', message: `${path}: ${status} ${short(text)}` })
  try {
    const filtered = response.headers['x-consul-results-filtered-by-acls'] === 'true'
    return ok({ body: JSON.parse(text), filtered })
  } catch {
    return err({ kind: 'answer', message: `${path} is no JSON: ${short(text)}` })
  }
}

function failureOf(
  path: string,
  cause: NodeJS.ErrnoException,
  late: boolean,
  timeoutMs: number,
): ConsulFailure {
  if (late) return { kind: 'unreachable', message: `${path}: no answer within ${timeoutMs} ms` }
  const code = cause.code ?? ''
  const isTls = /^(CERT_|ERR_TLS|ERR_SSL|ERR_OSSL|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|EPROTO)/.test(code)
  return { kind: isTls ? 'tls' : 'unreachable', message: `${path}: ${cause.message || code}` }
}

function expiresMs(certificate: string): number {
  return new X509Certificate(certificate).validToDate.getTime()
}

function short(text: string): string {
  return text.trim().slice(0, ERROR_CHARS_MAX)
}

/** For commands: a failure is the end. Throws StartRefusal. */
export function mustAnswer<T>(answer: Result<T, ConsulFailure>): T {
  if (answer.ok) return answer.value
  throw new StartRefusal(`Consul does not answer (${answer.error.kind}): ${answer.error.message}`)
}
