/**
 * CredentialFiles: token and certificates for Consul, read again when a file has changed. The same object is returned
 * while nothing has, so that connections are kept.
 */
import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { err, ok, type Result } from '@patina/base'
import { isToken } from '@patina/program'

export interface CredentialPaths {
  readonly tokenFile?: string | undefined
  readonly caFile?: string | undefined
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
  /** The name that Consul's certificate must have, where it is not that of the address: `server.dc1.consul`. */
  readonly serverName?: string | undefined
}

export interface Credentials {
  readonly token?: string | undefined
  /** PEM. */
  readonly ca?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

export class CredentialFiles {
  readonly #paths: CredentialPaths
  #read: { readonly stamp: string; readonly credentials: Credentials } | undefined

  constructor(paths: CredentialPaths) {
    this.#paths = paths
  }

  /** The error says which file and why. Certificate and key that do not belong together are told by the next connection. */
  async read(): Promise<Result<Credentials, string>> {
    const { tokenFile, caFile, certFile, keyFile } = this.#paths
    try {
      const stamps = await Promise.all([tokenFile, caFile, certFile, keyFile].map(stampOf))
      const stamp = stamps.join()
      if (this.#read?.stamp === stamp) return ok(this.#read.credentials)
      const [token, ca, certificate, key] = await Promise.all(
        [tokenFile, caFile, certFile, keyFile].map(textOf),
      )
      const problem =
        tokenProblem(token, tokenFile) ?? pemProblem(ca, caFile) ?? pemProblem(certificate, certFile)
      if (problem !== undefined) return err(problem)
      const credentials = { token: token?.trim(), ca, certificate, key }
      this.#read = { stamp, credentials }
      return ok(credentials)
    } catch (cause) {
      return err((cause as Error).message)
    }
  }
}

async function stampOf(path: string | undefined): Promise<string> {
  if (path === undefined) return ''
  const { mtimeMs, size, ino } = await stat(path)
  return `${mtimeMs}:${size}:${ino}`
}

async function textOf(path: string | undefined): Promise<string | undefined> {
  return path === undefined ? undefined : readFile(path, 'utf8')
}

/** The token itself is never shown. */
function tokenProblem(token: string | undefined, path: string | undefined): string | undefined {
  if (token === undefined || isToken(token.trim())) return undefined
  return `${path} holds no token: one word of letters, digits and signs is expected`
}

function pemProblem(pem: string | undefined, path: string | undefined): string | undefined {
  if (pem === undefined) return undefined
  try {
    new X509Certificate(pem)
    return undefined
  } catch (cause) {
    return `${path} holds no certificate: ${(cause as Error).message}`
  }
}
