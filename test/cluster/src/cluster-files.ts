/**
 * ClusterFiles: what the agents need on disk: a certificate authority, a certificate each, the cluster key, the
 * schema's place and a configuration each. Made on the fly, used by nobody else, removed with their folder.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SCHEMA_FILE } from '@patina/test-data'
import {
  type CertifiedKey,
  generateAuthority,
  issueNodeCertificate,
  validForDays,
  writeCertifiedKey,
} from '@patina/transport/certificates'

/** Addresses of one agent, where it does not live on loopback. */
export interface NodeHosts {
  readonly api: string
  readonly gossip: string
}

export interface NodePlan {
  /** `ams` */
  readonly name: string
  /** Default: the name. */
  readonly region?: string
  readonly apiPort: number
  readonly gossipPort: number
  /** Default: loopback for both. */
  readonly hosts?: NodeHosts
  /** Where the others reach its gossip port, if not there: the port of a proxy. */
  readonly advertisedPort?: number
  /** Of the API, with scopes read and write; default: none is asked for. */
  readonly token?: string
  /** Paths of further schema files, beside the reference table's. */
  readonly schemaFiles?: readonly string[]
}

/** What files that are made beforehand must belong to. */
export const CLUSTER_ID = 'loopback'
/** As long as a cluster that was left running may be looked at. */
const VALID_DAYS = 2
const DAY_MS = 86_400_000
const HOST = '127.0.0.1'
const LOOPBACK: NodeHosts = { api: HOST, gossip: HOST }

export interface KeyOptions {
  /** Whose certificate has expired. */
  readonly expired?: readonly string[]
  /** By name; default: loopback. */
  readonly hosts?: ReadonlyMap<string, NodeHosts>
}

/** Keys and certificates, once for a cluster, whatever ports it gets. Returns the authority that signs them. */
export async function writeKeys(
  folder: string,
  names: readonly string[],
  now: number,
  { expired = [], hosts = new Map() }: KeyOptions = {},
): Promise<CertifiedKey> {
  const validity = validForDays(VALID_DAYS, now)
  const authority = await generateAuthority('patina test cluster', validity)
  await writeFile(join(folder, 'ca.pem'), authority.certificatePem)
  await writeClusterKeys(folder, [clusterKey()])
  const past = { notBefore: new Date(now - 2 * DAY_MS), notAfter: new Date(now - DAY_MS) }
  await Promise.all(
    names.map((name) => {
      const host = hosts.get(name)?.gossip ?? HOST
      return writeNodeKey(folder, { name, host }, authority, expired.includes(name) ? past : validity)
    }),
  )
  return authority
}

/** The secret file of all nodes: the first key seals, all open. */
export async function writeClusterKeys(folder: string, keys: readonly string[]): Promise<void> {
  await writeFile(join(folder, 'cluster.key'), keys.map((key) => `${key}\n`).join(''), { mode: 0o600 })
}

export async function readClusterKeys(folder: string): Promise<string[]> {
  return (await readFile(join(folder, 'cluster.key'), 'utf8')).trimEnd().split('\n')
}

/** Replaces the certificate of one node. */
export async function renewNodeKey(
  folder: string,
  name: string,
  authority: CertifiedKey,
  now: number,
): Promise<void> {
  await Promise.all([`${name}.pem`, `${name}-key.pem`].map((file) => rm(join(folder, name, file))))
  await writeNodeKey(folder, { name, host: HOST }, authority, validForDays(VALID_DAYS, now))
}

/** Writes the configuration of one node and returns its path. */
export async function writeConfig(folder: string, plan: NodePlan, all: readonly NodePlan[]): Promise<string> {
  await mkdir(join(folder, plan.name), { recursive: true })
  const path = join(folder, plan.name, 'config.toml')
  await writeFile(path, configText(folder, plan, all))
  return path
}

export function configText(folder: string, plan: NodePlan, all: readonly NodePlan[]): string {
  const { name, region = name, apiPort, gossipPort, hosts = LOOPBACK } = plan
  const { advertisedPort = gossipPort, schemaFiles = [], token } = plan
  const bootstrap = all
    .filter((other) => other.name !== name)
    .map((other) => `${(other.hosts ?? LOOPBACK).gossip}:${other.advertisedPort ?? other.gossipPort}`)
  // A JSON string is a TOML basic string.
  const text = (value: string): string => JSON.stringify(value)
  const file = (...parts: readonly string[]): string => text(join(folder, ...parts))
  return `[node]
name = ${text(name)}
region = ${text(region)}
[db]
path = ${file(name, 'patina.db')}
schema_paths = ${JSON.stringify([fileURLToPath(SCHEMA_FILE), ...schemaFiles])}
[api]
bind_addr = ${text(`${hosts.api}:${apiPort}`)}
allow_unauthenticated = ${hosts.api !== HOST}
${token === undefined ? '' : tokenLine(token)}[gossip]
bind_addr = ${text(`${hosts.gossip}:${gossipPort}`)}
external_addr = ${text(`${hosts.gossip}:${advertisedPort}`)}
bootstrap = ${JSON.stringify(bootstrap)}
cluster_id = ${text(CLUSTER_ID)}
secret_file = ${file('cluster.key')}
[gossip.tls]
ca_file = ${file('ca.pem')}
cert_file = ${file(name, `${name}.pem`)}
key_file = ${file(name, `${name}-key.pem`)}
`
}

function tokenLine(token: string): string {
  const sha256 = createHash('sha256').update(token).digest('hex')
  return `tokens = [{ name = "test", sha256 = "${sha256}", scopes = ["read", "write"] }]\n`
}

/** A key as a line of the secret file. */
export function clusterKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
}

async function writeNodeKey(
  folder: string,
  { name, host }: { readonly name: string; readonly host: string },
  authority: CertifiedKey,
  validity: ReturnType<typeof validForDays>,
): Promise<void> {
  const certified = await issueNodeCertificate(authority, { name, hosts: [host], validity })
  await writeCertifiedKey(join(folder, name), name, certified)
}
