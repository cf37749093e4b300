/**
 * Keyring: the cluster keys of the secret file. One key a line in base64, 32 bytes each; the first seals, all open, so
 * that a key is rotated without downtime: add the new one, move it to the top everywhere, drop the old one.
 * Empty lines and lines that begin with # are skipped. Does not watch the file.
 */
import { createHash, randomBytes } from 'node:crypto'
import { limits } from '../limits.ts'
import { readSecurityFile } from '../security-file.ts'

export interface ClusterKey {
  /** The first 4 bytes of a hash of the key, as a number: which key sealed a packet, without telling the key. */
  readonly id: number
  readonly bytes: Uint8Array
}

/** At least one key; the first seals. Ids are distinct. */
export interface Keyring {
  readonly keys: readonly [ClusterKey, ...ClusterKey[]]
}

const KEY_BYTES = 32
const KEY_LINE = /^[A-Za-z0-9+/]{43}=$/
const KEY_ID_LABEL = 'patina cluster key id 1'

/** Reads and parses a secret file; throws a sentence that names the file and what to change. */
export async function loadKeyring(path: string): Promise<Keyring> {
  return parseKeyring(await readSecurityFile(path, 'gossip.secret_file'), path)
}

/** Parses the text of a secret file; throws a sentence that names `source` and the line. Never shows key material. */
export function parseKeyring(text: string, source: string): Keyring {
  const keys: ClusterKey[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const key = parseKey(line, `${source} line ${index + 1}`)
    if (keys.some((known) => known.id === key.id))
      throw new Error(
        `${source} line ${index + 1}: this key is in the file already; remove one of the two lines`,
      )
    keys.push(key)
    if (keys.length > limits.keyringKeysMax)
      throw new Error(
        `${source}: more than ${limits.keyringKeysMax} keys; remove keys that no node uses any more`,
      )
  }
  const [first, ...others] = keys
  if (first === undefined)
    throw new Error(
      `${source}: no key; write one line with 32 random bytes in base64 (openssl rand -base64 32)`,
    )
  return { keys: [first, ...others] }
}

/** A line for a new secret file. */
export function generateSecret(): string {
  return randomBytes(KEY_BYTES).toString('base64')
}

function parseKey(line: string, where: string): ClusterKey {
  if (!KEY_LINE.test(line))
    throw new Error(
      `${where}: not 32 bytes in base64 (44 characters); make a key with: openssl rand -base64 32`,
    )
  const bytes = Buffer.from(line, 'base64')
  const id = createHash('sha256').update(KEY_ID_LABEL).update(bytes).digest().readUInt32BE(0)
  return { id, bytes }
}
