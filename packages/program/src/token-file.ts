/**
 * The file that a configuration names for bearer tokens: one a line. The first is sent to others, all are taken from them, so that those who share a
 * token can be given a new one host by host: as the second line everywhere, then as the first, then alone. A program that runs reads
 * the file again when it has changed; while it cannot be read, or holds no token, what was read last is used on. No token is in any message.
 */
import { readFileSync } from 'node:fs'
import { StartRefusal } from './refusal.ts'
import { RereadFiles } from './reread-files.ts'

/** More than an exchange of tokens takes. */
const TOKENS_MAX = 16
/** A header holds no more than this. */
const TOKEN = /^[\x21-\x7e]+$/

export class TokenFile {
  readonly #tokens: RereadFiles<readonly string[]>

  /** `failed` is told once of each state of the file in which it cannot be used. Throws StartRefusal where it cannot be used now. */
  constructor(file: string, failed: (message: string) => void) {
    this.#tokens = new RereadFiles(
      [file],
      () => readTokens(file),
      (message) => failed(`${message}; the token read before is used on`),
    )
  }

  /** At least one. A stat of the file each time. */
  all(): readonly string[] {
    return this.#tokens.get()
  }

  first(): string {
    return this.all()[0] as string
  }
}

/** Undefined where the configuration names none. Throws StartRefusal. */
export function openTokenFile(
  file: string | undefined,
  failed: (message: string) => void,
): TokenFile | undefined {
  return file === undefined ? undefined : new TokenFile(file, failed)
}

/** The token to send, for who asks once. Throws StartRefusal. */
export function readTokenFile(file: string | undefined): string | undefined {
  return file === undefined ? undefined : readTokens(file)[0]
}

/** Can it be sent as a bearer token? */
export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

function readTokens(file: string): readonly string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new StartRefusal(`cannot read the token file: ${(cause as Error).message}`)
  }
  const tokens = text.trim().split(/\s*\n\s*/)
  if (tokens.every(isToken) && tokens.length <= TOKENS_MAX) return tokens
  throw new StartRefusal(
    `${file} holds no token: one word of letters, digits and signs is expected, or up to ${TOKENS_MAX}, a line each`,
  )
}
