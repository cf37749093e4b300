/**
 * TlsFiles: certificate, key and authorities that a configuration names for what a program serves and asks over HTTPS. A program that
 * runs reads them again when one has changed: certificates end every few weeks, and nobody starts programs for that.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { StartRefusal } from './refusal.ts'
import { RereadFiles } from './reread-files.ts'

/** Certificate and key go together. */
export interface TlsPaths {
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
  readonly caFile: string | undefined
}

/** PEM. */
export interface TlsMaterial {
  /** To show to those who connect; undefined: this program serves HTTP. */
  readonly own: { readonly cert: string; readonly key: string } | undefined
  /** Who signs those that are asked; undefined: the authorities of Node. */
  readonly ca: string | undefined
}

/** `failed` is told where changed files cannot be used. Throws StartRefusal where they cannot be used now. */
export function openTlsFiles(paths: TlsPaths, failed: (message: string) => void): RereadFiles<TlsMaterial> {
  const files = [paths.certFile, paths.keyFile, paths.caFile].filter((file) => file !== undefined)
  return new RereadFiles(
    files,
    () => readTlsFiles(paths),
    (message) => failed(`${message}; what was read before is used on`),
  )
}

/** Throws StartRefusal with the file's name. */
export function readTlsFiles({ certFile, keyFile, caFile }: TlsPaths): TlsMaterial {
  const ca = caFile === undefined ? undefined : textOf(caFile)
  if (caFile !== undefined) certificatesIn(ca ?? '', caFile)
  if (certFile === undefined || keyFile === undefined) return { own: undefined, ca }
  const [cert, key] = [textOf(certFile), textOf(keyFile)]
  const [own] = certificatesIn(cert, certFile)
  if (!own.checkPrivateKey(keyIn(key, keyFile)))
    throw new StartRefusal(`the key of ${keyFile} is not that of the certificate in ${certFile}`)
  return { own: { cert, key }, ca }
}

/** When the first of each ends, in milliseconds since 1970. */
export function expiriesOf({ own, ca }: TlsMaterial): ReadonlyMap<'own' | 'ca', number> {
  const expiries = new Map<'own' | 'ca', number>()
  for (const [of, pem] of [['own', own?.cert] as const, ['ca', ca] as const])
    if (pem !== undefined)
      expiries.set(of, Math.min(...certificatesIn(pem, of).map(({ validTo }) => Date.parse(validTo))))
  return expiries
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** At least one. */
function certificatesIn(pem: string, file: string): [X509Certificate, ...X509Certificate[]] {
  try {
    const [first = '', ...others] = pem.match(CERTIFICATE) ?? []
    return [new X509Certificate(first), ...others.map((each) => new X509Certificate(each))]
  } catch (cause) {
    throw new StartRefusal(`${file} holds no certificate (PEM): ${(cause as Error).message}`)
  }
}

function keyIn(pem: string, file: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(pem)
  } catch {
    throw new StartRefusal(`${file} holds no private key (PEM without a passphrase)`)
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new StartRefusal(`cannot read a TLS file: ${(cause as Error).message}`)
  }
}
