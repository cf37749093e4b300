/**
 * What the rules find and we accept, each with its reason. The list only shrinks: an exception that nothing matches any
 * more is itself a finding.
 */

export interface Exception {
  readonly rule: string
  readonly path: string
  readonly reason: string
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    rule: 'citations',
    path: 'test/bench/store.bench.ts',
    reason: 'its goals were taken from a plan that is not here; docs/benchmarks.md should own them',
  },
  {
    rule: 'citations',
    path: 'test/bench/src/baseline.ts',
    reason: 'the rule about a loss of 10 % stands in no page yet; STYLE.md should have it',
  },
]
