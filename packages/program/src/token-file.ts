/** The file that a configuration names for a bearer token. */
import { readFileSync } from 'node:fs'
import { StartRefusal } from './refusal.ts'

/** Throws StartRefusal. The token itself is in no message. */
export function readTokenFile(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  let token: string
  try {
    token = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new StartRefusal(`cannot read the token file: ${(cause as Error).message}`)
  }
  // A header holds no more than this.
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new StartRefusal(`${file} holds no token: one word of letters, digits and signs is expected`)
}
