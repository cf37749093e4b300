/**
 * The agent's configuration: the keys of config-keys.ts as one Config, and what keys cannot say alone. Reading, checking
 * and overriding single keys is @patina/program's.
 */
import { hostname } from 'node:os'
import {
  ConfigError,
  type EffectiveValues,
  formatSocketAddress,
  parseConfigText,
  readConfigText,
} from '@patina/program'
import { CONFIG_KEYS } from './config-keys.ts'
import { type Config, type TlsFiles, toConfig } from './effective-config.ts'

export const CONFIG_PATH_DEFAULT = '/etc/patina/config.toml'

export interface LoadedConfig {
  readonly config: Config
  readonly effective: EffectiveValues
}

/** Reads and checks the file at `path` with overrides from `environment`. Throws ConfigError. */
export function loadConfig(path: string, environment: NodeJS.ProcessEnv): LoadedConfig {
  return parseConfig(readConfigText(path), path, environment)
}

/** `loadConfig` on a text that was read from `path`. */
export function parseConfig(text: string, path: string, environment: NodeJS.ProcessEnv): LoadedConfig {
  const table = { keys: CONFIG_KEYS, environmentPrefix: 'PATINA' }
  const effective = new Map(parseConfigText(text, path, environment, table))
  if (!effective.has('node.name')) effective.set('node.name', { value: hostname(), source: 'default' })
  const config = toConfig(effective)
  const clashes = conflicts(config, path)
  if (clashes.length > 0) throw new ConfigError(clashes)
  return { config, effective }
}

/** What each key alone cannot show. */
function conflicts({ api, gossip }: Config, path: string): string[] {
  const problems: string[] = []
  if (!gossip.plaintext && gossip.secretFile === undefined)
    problems.push(`${path}: gossip.secret_file is missing; name a key file, or write gossip.plaintext = true`)
  const tlsKeys = { caFile: 'ca_file', certFile: 'cert_file', keyFile: 'key_file' } as const
  for (const [field, key] of Object.entries(tlsKeys))
    if (gossip.tls !== undefined && gossip.tls[field as keyof TlsFiles] === undefined)
      problems.push(`${path}: gossip.tls.${key} is missing; name the file, or write gossip.plaintext = true`)
  const unspecified = gossip.bindAddress.host === '0.0.0.0' || gossip.bindAddress.host === '::'
  if (unspecified && gossip.externalAddress === undefined)
    problems.push(
      `${path}: gossip.bind_addr listens on every address, so peers must be told one; add gossip.external_addr = "ip:port"`,
    )
  const beyond = api.bindAddresses.find(({ host }) => !isLoopback(host))
  const authenticated = api.bearerToken !== undefined || api.tokens.length > 0
  if (beyond !== undefined && !authenticated && !api.allowUnauthenticated)
    problems.push(
      `${path}: api.bind_addr ${formatSocketAddress(beyond)} is not loopback and there are no api.tokens; ` +
        'add a token, or write api.allow_unauthenticated = true',
    )
  return problems
}

export function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1' || host.startsWith('::ffff:127.')
}
