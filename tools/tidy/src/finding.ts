/**
 * Finding and Rule: what a rule of tidy is. A rule looks at the whole repository, which was read once, and returns
 * what it objects to; it prints nothing, reads no file and knows no other rule.
 */
import type { Repository } from './repository.ts'

export interface Finding {
  /** Relative to the root of the repository. */
  readonly path: string
  /** From 1; absent where the file as a whole is meant. */
  readonly line?: number
  readonly message: string
}

export interface Rule {
  readonly name: string
  readonly check: (repository: Repository) => readonly Finding[]
}

export interface NamedFinding extends Finding {
  readonly rule: string
}

export function formatFinding({ rule, path, line, message }: NamedFinding): string {
  return `${path}${line === undefined ? '' : `:${line}`}  ${message}  (${rule})`
}
