/**
 * `patina tls`: makes a CA and certificates; `check` (tls-check.ts) tells when certificates end. Needs no agent, and
 * overwrites no file.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  type Command,
  type CommandIo,
  type ParsedArguments,
  parseArguments,
  StartRefusal,
  UsageError,
} from '@patina/program'
import { checkCertificates } from './tls-check.ts'

const OPTIONS = {
  config: 'text',
  json: 'flag',
  help: 'flag',
  days: 'text',
  out: 'text',
  name: 'text',
  host: 'texts',
  ca: 'text',
  'ca-key': 'text',
} as const

const CA_DAYS = 3_650
const CERTIFICATE_DAYS = 365
/** A certificate that ends sooner makes `check` fail. */
const CHECK_DAYS = 30
const DAYS_MAX = 36_500

export const tlsCommand: Command = {
  usage:
    'tls ca generate [--out DIR] [--name NAME] [--days N] | tls server|client generate --ca FILE --ca-key FILE [--host HOST]… [--out DIR] [--name NAME] [--days N] | tls check [--days N] [HOST:PORT…]',
  meaning: 'make a CA and certificates; tell when those of the configuration and of endpoints end',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const [what, ...rest] = parsed.positionals
    if (what === 'check') return checkCertificates(rest, parsed, io, daysOption(parsed, CHECK_DAYS))
    const isKind = what === 'ca' || what === 'server' || what === 'client'
    if (!isKind || rest[0] !== 'generate' || rest.length > 1)
      throw new UsageError('what to do is missing: ca generate, server generate, client generate or check')
    return generate(what, parsed, io)
  },
}

async function generate(
  kind: 'ca' | 'server' | 'client',
  parsed: ParsedArguments,
  io: CommandIo,
): Promise<number> {
  // The X.509 library is loaded where certificates are made, and nowhere else.
  const made = await import('@patina/transport/certificates')
  const hosts = parsed.texts('host')
  if (kind === 'server' && hosts.length === 0)
    throw new UsageError('--host is missing: each IP address or name by which peers dial this member')
  if (kind !== 'server' && hosts.length > 0) throw new UsageError('--host is for server certificates')
  const days = daysOption(parsed, kind === 'ca' ? CA_DAYS : CERTIFICATE_DAYS)
  const name = parsed.text('name') ?? kind
  if (!/^[\w.-]{1,64}$/.test(name))
    throw new UsageError('--name takes letters, digits, dots and hyphens, 64 at most')
  const validity = made.validForDays(days, Date.now())
  const folder = resolve(parsed.text('out') ?? '.')
  const files = await refusing(async () => {
    if (kind === 'ca')
      return made.writeCertifiedKey(folder, name, await made.generateAuthority(`patina ${name}`, validity))
    const authority = await readAuthority(parsed)
    const certified =
      kind === 'server'
        ? await made.issueNodeCertificate(authority, { name, hosts, validity })
        : await made.issueClientCertificate(authority, { name, validity })
    return made.writeCertifiedKey(folder, name, certified)
  })
  const expires = validity.notAfter.toISOString()
  if (parsed.flag('json')) io.out(`${JSON.stringify({ ...files, expires })}\n`)
  else io.out(`${files.certificateFile}, valid until ${expires}\n${files.keyFile}\n`)
  return 0
}

async function readAuthority(parsed: ParsedArguments): Promise<{ certificatePem: string; keyPem: string }> {
  const [certificate, key] = [parsed.text('ca') ?? 'ca.pem', parsed.text('ca-key') ?? 'ca-key.pem']
  // One after the other: where both are missing, the certificate is told.
  const certificatePem = await readFile(resolve(certificate), 'utf8')
  return { certificatePem, keyPem: await readFile(resolve(key), 'utf8') }
}

function daysOption(parsed: ParsedArguments, fallback: number): number {
  const text = parsed.text('days')
  if (text === undefined) return fallback
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > DAYS_MAX) throw new UsageError(`--days takes 1 to ${DAYS_MAX}, not ${text}`)
  return days
}

/** What goes wrong here is the operator's to mend: a file, a folder, a host name. */
async function refusing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    throw new StartRefusal((cause as Error).message)
  }
}
