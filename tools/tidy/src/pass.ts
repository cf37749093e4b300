/** The pass: all rules over a repository, less the exceptions. An exception that matches nothing is a finding. */
import type { Exception } from './exceptions.ts'
import type { NamedFinding, Rule } from './finding.ts'
import type { Repository } from './repository.ts'
import { citations } from './rules/citations.ts'
import { coreCalls } from './rules/core-calls.ts'
import { cycles } from './rules/cycles.ts'
import { documents } from './rules/documents.ts'
import { fileNames } from './rules/file-names.ts'
import { invariants } from './rules/invariants.ts'
import { layering } from './rules/layering.ts'
import { links } from './rules/links.ts'

export const RULES: readonly Rule[] = [
  layering,
  cycles,
  coreCalls,
  documents,
  fileNames,
  links,
  citations,
  invariants,
]

export function runRules(
  repository: Repository,
  rules: readonly Rule[],
  exceptions: readonly Exception[],
): NamedFinding[] {
  const all = rules.flatMap(({ name, check }) =>
    check(repository).map((finding) => ({ rule: name, ...finding })),
  )
  const matches = ({ rule, path }: Exception, finding: NamedFinding): boolean =>
    rule === finding.rule && path === finding.path
  const open = all.filter((finding) => !exceptions.some((exception) => matches(exception, finding)))
  const stale = exceptions
    .filter((exception) => !all.some((finding) => matches(exception, finding)))
    .map(({ rule, path }) => ({ rule, path, message: 'is excepted without need: remove the exception' }))
  return [...open, ...stale]
}
