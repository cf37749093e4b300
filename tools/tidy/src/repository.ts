/**
 * Repository: everything that the rules look at, read once: packages with their package.json, TypeScript sources,
 * Markdown pages, and the names of all files. Build output, dependencies and generated code are not read.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type SourceText, scanSource } from './source-text.ts'

export interface Source extends SourceText {
  /** Relative to the root, with `/`. */
  readonly path: string
}

export interface Package {
  /** As in package.json: `@patina/base`. */
  readonly name: string
  /** `packages/base`. */
  readonly folder: string
  /** Names of workspace packages in `dependencies` and `devDependencies`. */
  readonly dependencies: readonly string[]
  /** The keys of `exports`: `.`, `./certificates`. */
  readonly entryPoints: readonly string[]
  readonly hasReadme: boolean
  readonly sources: readonly Source[]
}

export interface Repository {
  readonly packages: readonly Package[]
  readonly pages: readonly { readonly path: string; readonly text: string }[]
  /** Every file and folder that is not ignored; folders end in `/`. */
  readonly paths: ReadonlySet<string>
  /** The text of turbo.json, whose allow lists must equal the layer table. */
  readonly turboJson: string
}

/** The folders whose children are packages. */
export const WORKSPACE_FOLDERS = ['packages', 'apps', 'test', 'tools'] as const

const NOT_READ = new Set(['node_modules', 'dist', 'gen', '.git', '.turbo'])

export function readRepository(root: string): Repository {
  const paths = new Set<string>()
  walk(root, '', paths)
  const packages = [...paths]
    .filter(isPackageJson)
    .map((path) => readPackage(root, posix.dirname(path), paths))
  const pages = [...paths]
    .filter((path) => path.endsWith('.md'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  const turbo = join(root, 'turbo.json')
  return { packages, pages, paths, turboJson: existsSync(turbo) ? readFileSync(turbo, 'utf8') : '{}' }
}

/** True for tests and for what only tests use: their files lie in a `test` folder or are named for a test. */
export function isTestSource(path: string): boolean {
  return /\.(test|bench)\.ts$/.test(path) || /^(packages|apps|tools)\/[^/]+\/test\//.test(path)
}

function walk(root: string, folder: string, into: Set<string>): void {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (NOT_READ.has(entry.name)) continue
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) {
      into.add(`${path}/`)
      walk(root, path, into)
    } else if (entry.isFile()) into.add(path)
  }
}

function isPackageJson(path: string): boolean {
  const parts = path.split('/')
  return (
    parts.length === 3 && parts[2] === 'package.json' && WORKSPACE_FOLDERS.some((top) => top === parts[0])
  )
}

interface PackageJson {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
}

function readPackage(root: string, folder: string, paths: ReadonlySet<string>): Package {
  const json = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as PackageJson
  const declared = Object.keys({ ...json.dependencies, ...json.devDependencies })
  const sources = [...paths]
    .filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.ts'))
    .map((path) => ({ path, ...scanSource(readFileSync(join(root, path), 'utf8')) }))
  return {
    name: json.name,
    folder,
    dependencies: declared.filter((name) => name.startsWith('@patina/')),
    entryPoints: Object.keys(json.exports ?? {}),
    hasReadme: paths.has(`${folder}/README.md`),
    sources,
  }
}
