/** Bearer tokens of the configuration: what an entry of `api.tokens` must look like. What a scope may do is in http/rights.ts. */
import { err, ok, type Result } from '@patina/base'
import { isTextList, quoteValue } from '@patina/program'

export type Scope = 'read' | 'write' | 'admin'

/** A bearer token: only the digest of its text is in the configuration. */
export interface TokenEntry {
  readonly name: string
  readonly sha256: string
  readonly scopes: readonly Scope[]
}

const SCOPES: readonly string[] = ['read', 'write', 'admin']
const TOKEN_KEYS: readonly string[] = ['name', 'sha256', 'scopes']

/** For the key `api.tokens`; the error completes `api.tokens …`. */
export function checkTokens(raw: unknown): Result<TokenEntry[], string> {
  if (!Array.isArray(raw)) return err(`must be a list of { name, sha256, scopes }, not ${quoteValue(raw)}`)
  const tokens: TokenEntry[] = []
  for (const [index, entry] of raw.entries()) {
    const problem = tokenProblem(entry)
    if (problem !== undefined) return err(`entry ${index + 1}: ${problem}`)
    const { name, sha256, scopes } = entry as TokenEntry
    tokens.push({ name, sha256: sha256.toLowerCase(), scopes })
  }
  return ok(tokens)
}

function tokenProblem(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return 'must be { name, sha256, scopes }'
  const unknown = Object.keys(entry).find((key) => !TOKEN_KEYS.includes(key))
  if (unknown !== undefined) return `has an unknown key "${unknown}"; known are ${TOKEN_KEYS.join(', ')}`
  const { name, sha256, scopes } = entry as { name?: unknown; sha256?: unknown; scopes?: unknown }
  if (typeof name !== 'string' || name === '') return 'name must be a text'
  if (typeof sha256 !== 'string' || !/^[0-9a-fA-F]{64}$/.test(sha256)) return 'sha256 must be 64 hex digits'
  if (!isTextList(scopes) || scopes.length === 0 || scopes.some((scope) => !SCOPES.includes(scope)))
    return `scopes must be a list of ${SCOPES.join(', ')}`
  return undefined
}
