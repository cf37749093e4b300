/**
 * Makes a CA and node certificates: ECDSA P-256, subject alternative names for several IPs and names, both extended key
 * usages, because every node dials and is dialled. Its own entry point, so that the X.509 library and reflect-metadata
 * are loaded only where certificates are made (tests, the demo, `patina tls … generate`). Never overwrites a file.
 */
import 'reflect-metadata'
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import type { TlsFiles } from './tls.ts'

/** A certificate and its private key (PKCS #8), both PEM. */
export interface CertifiedKey {
  readonly certificatePem: string
  readonly keyPem: string
}

export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

export interface NodeCertificateOptions {
  /** The subject's common name; shown to people, not checked. */
  readonly name: string
  /** IP addresses and DNS names by which peers dial the node; at least one. */
  readonly hosts: readonly string[]
  readonly validity: Validity
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const SERIAL_BYTES = 16
const DAY_MS = 86_400_000
/** Clocks of a fleet differ: a certificate made just now must hold on a host that is some minutes behind. */
const BACKDATE_MS = 3_600_000

export function validForDays(days: number, nowMs: number): Validity {
  return { notBefore: new Date(nowMs - BACKDATE_MS), notAfter: new Date(nowMs + days * DAY_MS) }
}

/** A self-signed CA that may sign node certificates and no further CA. */
export async function generateAuthority(name: string, validity: Validity): Promise<CertifiedKey> {
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: [{ CN: [name] }],
      ...validity,
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return certifiedKey(certificate, keys.privateKey)
}

/** A node's certificate, signed by the CA. Throws where a host is neither an IP address nor a DNS name. */
export async function issueNodeCertificate(
  authority: CertifiedKey,
  { name, hosts, validity }: NodeCertificateOptions,
): Promise<CertifiedKey> {
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage
  return issue(authority, {
    name,
    validity,
    usages: [serverAuth, clientAuth],
    hosts: alternativeNames(hosts),
  })
}

/** A certificate for who only dials, signed by the CA. */
export function issueClientCertificate(
  authority: CertifiedKey,
  { name, validity }: Omit<NodeCertificateOptions, 'hosts'>,
): Promise<CertifiedKey> {
  return issue(authority, { name, validity, usages: [x509.ExtendedKeyUsage.clientAuth], hosts: [] })
}

interface Request {
  readonly name: string
  readonly validity: Validity
  readonly usages: x509.ExtendedKeyUsageType[]
  readonly hosts: x509.JsonGeneralNames
}

async function issue(
  authority: CertifiedKey,
  { name, validity, usages, hosts }: Request,
): Promise<CertifiedKey> {
  const [keys, signer] = await Promise.all([generateKeys(), importSigner(authority)])
  const issuer = new x509.X509Certificate(authority.certificatePem)
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: [{ CN: [name] }],
      issuer: issuer.subjectName,
      ...validity,
      publicKey: keys.publicKey,
      signingKey: signer.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(usages),
        ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts)] : []),
        await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey, false, webcrypto),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return certifiedKey(certificate, keys.privateKey)
}

/** Writes `NAME.pem` and `NAME-key.pem` (mode 0600) into the folder and returns their paths; refuses to overwrite. */
export async function writeCertifiedKey(
  folder: string,
  name: string,
  certified: CertifiedKey,
): Promise<Pick<TlsFiles, 'certificateFile' | 'keyFile'>> {
  const certificateFile = join(folder, `${name}.pem`)
  const keyFile = join(folder, `${name}-key.pem`)
  await mkdir(folder, { recursive: true })
  // The key first: a certificate without its key would look complete.
  await writeNew(keyFile, certified.keyPem, 0o600)
  await writeNew(certificateFile, certified.certificatePem, 0o644)
  return { certificateFile, keyFile }
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(path, text, { mode, flag: 'wx' })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const what =
      code === 'EEXIST'
        ? 'exists already; remove it or choose another folder'
        : `cannot be written (${message})`
    throw new Error(`${path} ${what}`, { cause })
  }
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
}

async function importSigner(authority: CertifiedKey): Promise<webcrypto.CryptoKeyPair> {
  const privateKey = createPrivateKey(authority.keyPem)
  const publicKey = createPublicKey(authority.certificatePem)
  return {
    privateKey: privateKey.toCryptoKey(ALGORITHM, false, ['sign']),
    publicKey: publicKey.toCryptoKey(ALGORITHM, true, ['verify']),
  }
}

function alternativeNames(hosts: readonly string[]): x509.JsonGeneralNames {
  if (hosts.length === 0) throw new Error('a node certificate needs at least one IP address or name')
  return hosts.map((host) => {
    if (isIP(host) !== 0) return { type: 'ip', value: host }
    if (DNS_NAME.test(host)) return { type: 'dns', value: host }
    throw new Error(`neither an IP address nor a DNS name: ${host}`)
  })
}

/** Letters, digits and hyphens in labels of at most 63 characters (RFC 1123 §2.1), 253 in all. */
const DNS_NAME = /^(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i

/** Positive by its first byte, as RFC 5280 §4.1.2.2 wants it. */
function serialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES)
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40
  return bytes.toString('hex')
}

async function certifiedKey(
  certificate: x509.X509Certificate,
  key: webcrypto.CryptoKey,
): Promise<CertifiedKey> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key)
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    keyPem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  }
}
