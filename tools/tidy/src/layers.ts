/**
 * The layer table: who may import whom (ARCHITECTURE.md, "Layers"). Siblings never import each other; apps compose and
 * nobody imports them. turbo.json says the same to `turbo boundaries`; the layer rule compares the two.
 * Packages under test/ and tools/ are not in the table: test/ may use every package and other test packages, tools/
 * nothing of ours, and no package or app may use either.
 */

/** Package or app → what it may use. Whoever lists a package lists what that one uses, too. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  sqlite: ['base'],
  swim: ['base'],
  sync: ['base'],
  transport: ['base'],
  templating: ['base'],
  client: ['base'],
  program: ['base', 'client'],
  'crdt-store': ['base', 'sqlite'],
  'live-query': ['base', 'sqlite'],
  node: ['base', 'swim', 'sync'],
  agent: [
    'base',
    'sqlite',
    'swim',
    'sync',
    'transport',
    'templating',
    'client',
    'program',
    'crdt-store',
    'live-query',
    'node',
  ],
  'consul-bridge': ['base', 'client', 'program', 'templating'],
  aggregator: ['base', 'client', 'program', 'templating'],
}

/** True where a package in `folder` (`packages/swim`, `test/demo`) may use the one in `target`. */
export function mayUse(folder: string, target: string): boolean {
  const [top, name] = folder.split('/') as [string, string]
  const [targetTop, targetName] = target.split('/') as [string, string]
  if (targetTop === 'apps' || targetTop === 'tools') return false
  if (top === 'test') return true
  if (top === 'tools' || targetTop === 'test') return false
  return (LAYERS[name] ?? []).includes(targetName)
}

/** True for sources that are compiled without Node's types and must not touch time, chance or the outside. */
export function isCoreSource(path: string): boolean {
  return /^packages\/(?:(?:base|swim|sync|node)\/src\/|[^/]+\/src\/core\/)/.test(path)
}
