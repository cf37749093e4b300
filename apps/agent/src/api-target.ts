/**
 * Which agent the command line talks to: address and token from options, environment and configuration file. What is
 * said to it is the business of packages/client.
 */
import { existsSync } from 'node:fs'
import { type Client, createClient } from '@patina/client'
import {
  formatSocketAddress,
  isToken,
  nodeFetch,
  type ParsedArguments,
  parseSocketAddress,
  readTokenFile,
  type SocketAddress,
  UsageError,
} from '@patina/program'
import { CONFIG_PATH_DEFAULT, loadConfig } from './config.ts'
import type { Config } from './effective-config.ts'

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

/** A client of that agent. It waits as long as the agent does: who sits at a terminal has Ctrl-C. */
export function connect(parsed: ParsedArguments, environment: NodeJS.ProcessEnv): Client {
  const { base, token } = findTarget(parsed, environment)
  return createClient({ addresses: base, token, fetch: nodeFetch, timeoutMs: Number.POSITIVE_INFINITY })
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
  if (file !== undefined) return tokenOfFile(file)
  const given = environment.PATINA_TOKEN
  // Scripts empty a variable to unset it.
  return given === undefined || given === '' ? config?.api.bearerToken : checkToken(given, 'PATINA_TOKEN')
}

function tokenOfFile(file: string): string {
  try {
    return readTokenFile(file) as string
  } catch (cause) {
    throw new UsageError((cause as Error).message)
  }
}

/** The token itself is never shown. */
function checkToken(token: string, source: string): string {
  if (isToken(token)) return token
  throw new UsageError(`${source} holds no token: one word of letters, digits and signs is expected`)
}
