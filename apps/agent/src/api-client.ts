/**
 * The command line's way to an agent: finds address and token (options, environment, configuration file), sends one
 * request, tells "cannot reach" from "refused". A client library for programs is packages/client, which is not there yet.
 */
import { existsSync, readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import type { ParsedArguments } from './arguments.ts'
import { CONFIG_PATH_DEFAULT, loadConfig } from './config.ts'
import { formatSocketAddress, parseSocketAddress, type SocketAddress } from './config-values.ts'
import type { Config } from './effective-config.ts'
import { UsageError } from './refusal.ts'

/** No agent answered. Exit code 3. */
export class Unreachable extends Error {}

/** The agent answered and refused, or the statement failed. Exit code 1. */
export class RequestFailed extends Error {}

export interface ApiTarget {
  readonly base: string
  readonly token: string | undefined
}

/** `--api-addr`, else the first api.bind_addr of the configuration, else its default. Throws ConfigError, UsageError. */
export function findTarget(parsed: ParsedArguments, environment: NodeJS.ProcessEnv): ApiTarget {
  const given = parsed.text('api-addr')
  const configPath =
    parsed.text('config') ?? (existsSync(CONFIG_PATH_DEFAULT) ? CONFIG_PATH_DEFAULT : undefined)
  const needed = given === undefined || parsed.text('config') !== undefined
  const config = needed && configPath !== undefined ? loadConfig(configPath, environment).config : undefined
  return {
    base: `http://${formatSocketAddress(apiAddress(given, config))}`,
    token: findToken(parsed, environment, config),
  }
}

/** Sends JSON (or nothing) and returns the answer, whatever its status. Throws Unreachable. */
export async function sendRequest(
  { base, token }: ApiTarget,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (token !== undefined) headers.authorization = `Bearer ${token}`
  if (body !== undefined) headers['content-type'] = 'application/json'
  // Not by fetch: it refuses ports that browsers refuse (6000, 10080, …) and gives an answer up after five minutes.
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const outgoing = request(`${base}${path}`, { method, headers, agent: false })
  outgoing.once('response', (answer) => resolve(asResponse(answer)))
  outgoing.once('error', (cause) =>
    reject(new Unreachable(`cannot reach the agent at ${base}: ${reasonOf(cause)}`)),
  )
  outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}

function asResponse(answer: IncomingMessage): Response {
  const { statusCode: status = 500 } = answer
  const hasNoBody = status === 204 || status === 205 || status === 304
  return new Response(hasNoBody ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>), { status })
}

/** What a refusing answer says, as one sentence. */
export async function refusalOf(response: Response): Promise<RequestFailed> {
  if (response.status === 401)
    return new RequestFailed('the agent wants a token: set PATINA_TOKEN or give --token-file')
  const text = await response.text()
  try {
    const body = JSON.parse(text) as { error?: string; results?: { error?: string }[] }
    const sentence = body.error ?? body.results?.find(({ error }) => error !== undefined)?.error
    if (sentence !== undefined) return new RequestFailed(sentence)
  } catch {
    // Not ours: somebody else's HTTP server, whose status is all there is to tell.
  }
  return new RequestFailed(`the agent answered ${response.status}: ${text.slice(0, 200)}`)
}

/** The reason, which streams hide in a cause. */
export function reasonOf(cause: unknown): string {
  const inner = (cause as Error).cause
  return inner instanceof Error
    ? inner.message || String((inner as NodeJS.ErrnoException).code)
    : (cause as Error).message
}

function apiAddress(given: string | undefined, config: Config | undefined): SocketAddress {
  if (given === undefined) return reachable(config?.api.bindAddresses[0] ?? { host: '127.0.0.1', port: 8080 })
  const address = parseSocketAddress(given)
  if (address === undefined) throw new UsageError(`--api-addr takes ip:port, not ${given}`)
  return address
}

/** An agent that listens everywhere is called on loopback. */
function reachable({ host, port }: SocketAddress): SocketAddress {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port }
  return host === '::' ? { host: '::1', port } : { host, port }
}

function findToken(
  parsed: ParsedArguments,
  environment: NodeJS.ProcessEnv,
  config: Config | undefined,
): string | undefined {
  const file = parsed.text('token-file')
  if (file !== undefined) return checkToken(readTokenFile(file), file)
  const given = environment.PATINA_TOKEN
  // Scripts empty a variable to unset it.
  return given === undefined || given === '' ? config?.api.bearerToken : checkToken(given, 'PATINA_TOKEN')
}

function readTokenFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new UsageError(`cannot read the token file: ${(cause as Error).message}`)
  }
}

/** A header holds no more than this; the token itself is never shown. */
function checkToken(token: string, source: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new UsageError(`${source} holds no token: one word of letters, digits and signs is expected`)
}
