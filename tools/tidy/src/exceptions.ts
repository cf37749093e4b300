/**
 * What the rules find and we accept, each with its reason. The list only shrinks: an exception that nothing matches any
 * more is itself a finding.
 */

export interface Exception {
  readonly rule: string
  readonly path: string
  readonly reason: string
}

export const EXCEPTIONS: readonly Exception[] = []
