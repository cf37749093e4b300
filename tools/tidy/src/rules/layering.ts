/**
 * Rule `layering`: every dependency in a package.json and every import stays inside the layer table; imports go through
 * entry points, never into another package's files; relative imports stay inside their package; a core folder imports
 * nothing of its package's shell. Also: the allow lists of turbo.json equal the table.
 */
import { posix } from 'node:path'
import type { Finding, Rule } from '../finding.ts'
import { type Import, importsOf } from '../imports.ts'
import { LAYERS, mayUse } from '../layers.ts'
import { isTestSource, type Package, type Repository, type Source } from '../repository.ts'

export const layering: Rule = {
  name: 'layering',
  check: (repository) => [
    ...repository.packages.flatMap((pack) => [
      ...checkTable(pack),
      ...checkDependencies(pack, repository),
      ...pack.sources.flatMap((source) => checkSource(source, pack, repository)),
    ]),
    ...checkTurbo(repository.turboJson),
  ],
}

function checkTable({ folder }: Package): Finding[] {
  const [top, name] = folder.split('/') as [string, string]
  if (top === 'test' || top === 'tools' || LAYERS[name] !== undefined) return []
  return [{ path: folder, message: `${name} is not in the layer table` }]
}

function checkDependencies(pack: Package, repository: Repository): Finding[] {
  const path = `${pack.folder}/package.json`
  return pack.dependencies.flatMap((name) => {
    const target = repository.packages.find((other) => other.name === name)
    if (target === undefined) return [{ path, message: `depends on ${name}, which is not in the workspace` }]
    return mayUse(pack.folder, target.folder) ? [] : [{ path, message: `may not depend on ${name}` }]
  })
}

function checkSource(source: Source, pack: Package, repository: Repository): Finding[] {
  return importsOf(source).flatMap((imported) => {
    const message = imported.specifier.startsWith('.')
      ? objectionToRelative(imported, source, pack)
      : objectionToPackage(imported, pack, repository)
    return message === undefined ? [] : [{ path: source.path, line: imported.line, message }]
  })
}

function objectionToRelative({ specifier }: Import, source: Source, pack: Package): string | undefined {
  const target = posix.join(posix.dirname(source.path), specifier)
  if (!target.startsWith(`${pack.folder}/`)) return `relative import leaves the package: ${specifier}`
  const core = `${pack.folder}/src/core/`
  if (source.path.startsWith(core) && !target.startsWith(core) && !isTestSource(source.path))
    return `a core imports its shell: ${specifier}`
  return undefined
}

function objectionToPackage(
  { specifier }: Import,
  pack: Package,
  repository: Repository,
): string | undefined {
  if (!specifier.startsWith('@patina/')) return undefined
  const [scope, name, ...rest] = specifier.split('/')
  const target = repository.packages.find((other) => other.name === `${scope}/${name}`)
  if (target === undefined) return `imports ${specifier}, which is not in the workspace`
  if (target !== pack && !mayUse(pack.folder, target.folder)) return `may not import ${target.name}`
  if (target !== pack && !pack.dependencies.includes(target.name)) return `imports ${target.name} undeclared`
  const entry = rest.length === 0 ? '.' : `./${rest.join('/')}`
  return target.entryPoints.includes(entry) ? undefined : `${specifier} is no entry point of ${target.name}`
}

interface TurboJson {
  readonly boundaries?: {
    readonly tags?: Readonly<Record<string, { readonly dependencies: { readonly allow: readonly string[] } }>>
  }
}

function checkTurbo(text: string): Finding[] {
  const tags = (JSON.parse(text) as TurboJson).boundaries?.tags
  if (tags === undefined) return []
  const names = new Set([...Object.keys(tags), ...Object.keys(LAYERS)])
  return [...names].flatMap((name) => {
    const allowed = tags[name]?.dependencies.allow.toSorted().join(', ')
    const listed = LAYERS[name]?.toSorted().join(', ')
    return allowed === listed
      ? []
      : [{ path: 'turbo.json', message: `${name}: differs from the layer table` }]
  })
}
