/**
 * Rule `cycles`: the files of a package import each other without a cycle at run time. Imports of types alone do not
 * count, because they are gone then.
 */
import { posix } from 'node:path'
import type { Finding, Rule } from '../finding.ts'
import { importsOf } from '../imports.ts'
import type { Package } from '../repository.ts'

export const cycles: Rule = {
  name: 'cycles',
  check: (repository) => repository.packages.flatMap(cyclesOf),
}

type Graph = ReadonlyMap<string, readonly string[]>

function cyclesOf(pack: Package): Finding[] {
  const graph = graphOf(pack)
  const done = new Set<string>()
  const found: Finding[] = []
  for (const path of graph.keys()) visit(path, [], graph, done, found)
  return found
}

function graphOf({ sources }: Package): Graph {
  const targets = (path: string, specifiers: readonly string[]): string[] =>
    specifiers.map((specifier) => posix.join(posix.dirname(path), specifier))
  return new Map(
    sources.map((source) => {
      const imported = importsOf(source).filter(
        ({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly,
      )
      return [
        source.path,
        targets(
          source.path,
          imported.map(({ specifier }) => specifier),
        ),
      ]
    }),
  )
}

/** Depth first; recursion is as deep as the longest chain of imports. */
function visit(
  path: string,
  trail: readonly string[],
  graph: Graph,
  done: Set<string>,
  found: Finding[],
): void {
  const at = trail.indexOf(path)
  if (at >= 0) {
    const names = [...trail.slice(at), path].map((name) => posix.basename(name))
    found.push({ path, message: `import cycle: ${names.join(' → ')}` })
    return
  }
  if (done.has(path)) return
  for (const target of graph.get(path) ?? []) visit(target, [...trail, path], graph, done, found)
  done.add(path)
}
