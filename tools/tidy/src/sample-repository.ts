/** sampleRepository: a small repository in memory for the tests of the rules. Not used by tidy itself. */
import type { Package, Repository } from './repository.ts'
import { scanSource } from './source-text.ts'

export interface SamplePackage {
  readonly folder: string
  readonly dependencies?: readonly string[]
  readonly entryPoints?: readonly string[]
  readonly hasReadme?: boolean
  /** Path inside the package → text. */
  readonly files?: Readonly<Record<string, string>>
}

export function sampleRepository(
  samples: readonly SamplePackage[],
  pages: Readonly<Record<string, string>> = {},
): Repository {
  const packages = samples.map(samplePackage)
  const sourcePaths = packages.flatMap(({ sources }) => sources.map(({ path }) => path))
  return {
    packages,
    pages: Object.entries(pages).map(([path, text]) => ({ path, text })),
    paths: new Set([...sourcePaths, ...Object.keys(pages)]),
    turboJson: '{}',
  }
}

function samplePackage({ folder, dependencies, entryPoints, hasReadme, files }: SamplePackage): Package {
  return {
    name: `@patina/${folder.split('/')[1]}`,
    folder,
    dependencies: dependencies ?? [],
    entryPoints: entryPoints ?? ['.'],
    hasReadme: hasReadme ?? true,
    sources: Object.entries(files ?? {}).map(([path, text]) => ({
      path: `${folder}/${path}`,
      ...scanSource(text),
    })),
  }
}
