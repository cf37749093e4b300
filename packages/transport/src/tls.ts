/**
 * TLS material of a node: its certificate and key and the cluster's CA, loaded and checked at start. Errors name the
 * setting, the file and what to change. An expired certificate is loaded all the same: the peers refuse it, its expiry
 * is shown, and a restart must not turn an alert into an outage. Does not watch the files and generates nothing.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readSecurityFile } from './security-file.ts'

export interface TlsFiles {
  readonly caFile: string
  readonly certificateFile: string
  readonly keyFile: string
}

export interface TlsIdentity {
  readonly caPem: string
  readonly certificatePem: string
  readonly keyPem: string
  /** End of validity of the node's certificate, in milliseconds since 1970. */
  readonly certificateExpiresAtMs: number
  /** The earliest end of validity in the CA file. */
  readonly caExpiresAtMs: number
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Reads the three files and checks that they belong together; rejects with a sentence for the operator. */
export async function loadTls(files: TlsFiles): Promise<TlsIdentity> {
  const [caPem, certificatePem, keyPem] = await Promise.all([
    readSecurityFile(files.caFile, 'gossip.tls.ca_file'),
    readSecurityFile(files.certificateFile, 'gossip.tls.cert_file'),
    readSecurityFile(files.keyFile, 'gossip.tls.key_file'),
  ])
  return checkTls({ caPem, certificatePem, keyPem }, files)
}

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** Its common name, else its whole subject. */
  readonly name: string
  readonly expiresAtMs: number
}

/** The certificates of a PEM file, in its order; rejects with a sentence for the operator. */
export async function readCertificates(file: string, setting: string): Promise<readonly CertificateFacts[]> {
  return certificates(await readSecurityFile(file, setting), `${setting} = ${file}`).map(certificateFacts)
}

export function certificateFacts({ subject, validToDate }: X509Certificate): CertificateFacts {
  // Node separates the parts of a subject by line feeds.
  const name = /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ')
  return { name, expiresAtMs: validToDate.getTime() }
}

/** Checks texts that were read already; `files` only names them in errors. */
export function checkTls(
  pem: Pick<TlsIdentity, 'caPem' | 'certificatePem' | 'keyPem'>,
  files: TlsFiles,
): TlsIdentity {
  const authorities = certificates(pem.caPem, `gossip.tls.ca_file = ${files.caFile}`)
  const [certificate, ...intermediates] = certificates(
    pem.certificatePem,
    `gossip.tls.cert_file = ${files.certificateFile}`,
  )
  const key = privateKey(pem.keyPem, `gossip.tls.key_file = ${files.keyFile}`)
  if (!certificate.checkPrivateKey(key))
    throw new Error(
      `gossip.tls.key_file = ${files.keyFile}: not the key of ${files.certificateFile}; name the key that was made with it`,
    )
  if (![...authorities, ...intermediates].some((issuer) => issued(issuer, certificate)))
    throw new Error(
      `gossip.tls.cert_file = ${files.certificateFile}: not signed by a CA in ${files.caFile}; issue it from that CA or name the right CA`,
    )
  return {
    caPem: pem.caPem,
    certificatePem: pem.certificatePem,
    keyPem: pem.keyPem,
    certificateExpiresAtMs: certificate.validToDate.getTime(),
    caExpiresAtMs: Math.min(...authorities.map((one) => one.validToDate.getTime())),
  }
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function certificates(pem: string, where: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = pem.match(CERTIFICATE) ?? []
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block))
    if (first !== undefined) return [first, ...others]
  } catch (cause) {
    throw new Error(`${where}: holds a certificate that cannot be read; write it as PEM`, { cause })
  }
  throw new Error(`${where}: holds no certificate; write it as PEM (-----BEGIN CERTIFICATE-----)`)
}

function privateKey(pem: string, where: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new Error(`${where}: holds no private key without a passphrase; write it as PEM`, { cause })
  }
}
