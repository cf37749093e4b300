/**
 * `patina tls check`: when certificates end, those of the files that the configuration names and those that endpoints
 * show. An endpoint's certificate is looked at and not verified: who asks wants to know its end.
 */
import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { type CommandIo, type ParsedArguments, UsageError } from '@patina/program'
import { CONFIG_PATH_DEFAULT, loadConfig } from '../config.ts'

const DAY_MS = 86_400_000
const ENDPOINT_MS = 5_000
/** Endpoints that are asked at a time, and at most. */
const ENDPOINTS_AT_ONCE = 32
const ENDPOINTS_MAX = 10_000

/** One certificate, or why there is none. */
interface Finding {
  readonly where: string
  readonly name?: string
  readonly expires?: string
  readonly days?: number
  readonly problem?: string
}

/** Resolves to the exit code: 1 where a certificate ends within so many days, has ended, or could not be looked at. */
export async function checkCertificates(
  endpoints: readonly string[],
  parsed: ParsedArguments,
  io: CommandIo,
  wantedDays: number,
): Promise<number> {
  if (endpoints.length > ENDPOINTS_MAX) throw new UsageError(`at most ${ENDPOINTS_MAX} endpoints at a time`)
  const asked = endpoints.map(endpointOf)
  const inFiles = await ofConfiguration(endpoints.length > 0, parsed, io)
  const shown = await ofEndpoints(asked)
  const findings = [...inFiles, ...shown]
  const bad = findings.filter(({ days, problem }) => problem !== undefined || (days ?? 0) < wantedDays)
  if (parsed.flag('json')) io.out(`${JSON.stringify({ certificates: findings, failed: bad.length })}\n`)
  else for (const finding of findings) io.out(`${lineOf(finding)}\n`)
  return bad.length === 0 ? 0 : 1
}

/** Endpoints may be asked about where no agent is configured. */
async function ofConfiguration(
  mayBeMissing: boolean,
  parsed: ParsedArguments,
  io: CommandIo,
): Promise<readonly Finding[]> {
  if (mayBeMissing && parsed.text('config') === undefined) return []
  const { readCertificates } = await import('@patina/transport')
  const { tls } = loadConfig(parsed.text('config') ?? CONFIG_PATH_DEFAULT, io.environment).config.gossip
  if (tls === undefined) return []
  const files = [
    [tls.caFile, 'gossip.tls.ca_file'],
    [tls.certFile, 'gossip.tls.cert_file'],
  ] as const
  const found = await Promise.all(
    files.map(async ([file, setting]) => {
      try {
        return (await readCertificates(file, setting)).map((facts) => finding(file, facts))
      } catch (cause) {
        return [{ where: file, problem: (cause as Error).message }]
      }
    }),
  )
  return found.flat()
}

async function ofEndpoints(endpoints: readonly Endpoint[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next; at < endpoints.length; at = next) {
      next += 1
      findings[at] = await ofEndpoint(endpoints[at] as Endpoint)
    }
  }
  await Promise.all(Array.from({ length: ENDPOINTS_AT_ONCE }, worker))
  return findings
}

interface Endpoint {
  readonly where: string
  readonly host: string
  readonly port: number
}

function endpointOf(text: string): Endpoint {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text) ?? []
  const [host, port] = [bracketed ?? plain, Number(digits)]
  if (host === undefined || port < 1 || port > 65_535)
    throw new UsageError(`${text} is no endpoint; write HOST:PORT`)
  return { where: text, host, port }
}

async function ofEndpoint({ where, host, port }: Endpoint): Promise<Finding> {
  const { certificateFacts } = await import('@patina/transport')
  const servername = isIP(host) === 0 ? host : ''
  return new Promise((done) => {
    const socket: TLSSocket = connect({ host, port, servername, rejectUnauthorized: false })
    const end = (found: Finding): void => {
      socket.destroy()
      done(found)
    }
    socket.setTimeout(ENDPOINT_MS, () => end({ where, problem: `no answer in ${ENDPOINT_MS} ms` }))
    socket.once('error', (cause) => end({ where, problem: cause.message }))
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate()
      if (certificate === undefined) end({ where, problem: 'it shows no certificate' })
      else end(finding(where, certificateFacts(certificate)))
    })
  })
}

function finding(where: string, { name, expiresAtMs }: { name: string; expiresAtMs: number }): Finding {
  const days = Math.floor((expiresAtMs - Date.now()) / DAY_MS)
  return { where, name, expires: new Date(expiresAtMs).toISOString(), days }
}

function lineOf({ where, name, expires, days = 0, problem }: Finding): string {
  if (problem !== undefined) return `${where}: ${problem}`
  return `${where}: ${name}, ${days < 0 ? 'expired' : `${days} days left`}, ${expires}`
}
