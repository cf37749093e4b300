/**
 * `pnpm sim --mutants`: does the simulator still see? Each known-bad change of test/sim/mutants.toml is made in a copy of
 * the sources, and its scenario (or its tests) must fail there. The copy shares what is installed with this tree.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'smol-toml'
import { ScenarioError, Table } from './table.ts'

const ROOT: string = fileURLToPath(new URL('../../..', import.meta.url))
const FILE = 'test/sim/mutants.toml'
const COPIED = ['packages', 'test/sim', 'test/data', 'package.json']
/** Built files and run results are not needed to run from source. */
const LEFT_OUT = new Set(['dist', '.turbo', 'coverage'])
const RUN_MS_MAX = 600_000
const FOUND = 1

export interface Mutant {
  readonly title: string
  /** Relative to the root of the repository. */
  readonly file: string
  readonly find: string
  readonly replace: string
  readonly by:
    | { readonly kind: 'scenario'; readonly id: string; readonly seeds: number }
    | { readonly kind: 'tests'; readonly path: string }
}

export interface Hunt {
  readonly mutant: Mutant
  readonly isFound: boolean
  readonly seconds: number
}

/** Throws ScenarioError for what is not written as it should be. */
export function readMutants(text: string = readFileSync(join(ROOT, FILE), 'utf8')): Mutant[] {
  return new Table(FILE, parse(text)).tables('mutants').map((table) => ({
    title: table.text('title'),
    file: table.text('file'),
    find: table.text('find'),
    replace: table.text('replace'),
    by: table.has('tests')
      ? { kind: 'tests', path: table.text('tests') }
      : { kind: 'scenario', id: table.text('scenario'), seeds: table.number('seeds', 1, { whole: true }) },
  }))
}

export function finderOf({ by }: Mutant): string {
  return by.kind === 'tests' ? by.path : `scenario ${by.id}`
}

/** The text with the change. Throws ScenarioError where it is not there exactly once: the code has moved on. */
export function mutate(text: string, { title, file, find, replace }: Mutant): string {
  const parts = text.split(find)
  if (parts.length !== 2)
    throw new ScenarioError(
      FILE,
      `"${title}": what is to be found stands ${parts.length - 1} times in ${file}`,
    )
  return parts.join(replace)
}

/** One after the other, each in the copy that the one before has left as it was. */
export async function huntMutants(tell: (hunt: Hunt) => void): Promise<boolean> {
  const mutants = readMutants()
  for (const mutant of mutants) mutate(readFileSync(join(ROOT, mutant.file), 'utf8'), mutant)
  const copy = mkdtempSync(join(tmpdir(), 'patina-mutants-'))
  try {
    copySources(copy)
    let areAllFound = true
    for (const mutant of mutants) {
      // What fails without any change finds nothing.
      if ((await runIn(copy, mutant)) !== 0)
        throw new ScenarioError(FILE, `${finderOf(mutant)} fails without "${mutant.title}"`)
      const path = join(copy, mutant.file)
      const original = readFileSync(path, 'utf8')
      writeFileSync(path, mutate(original, mutant))
      const started = performance.now()
      const isFound = (await runIn(copy, mutant)) === FOUND
      writeFileSync(path, original)
      areAllFound &&= isFound
      tell({ mutant, isFound, seconds: (performance.now() - started) / 1_000 })
    }
    return areAllFound
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** Links between packages are relative, and hold in the copy; what comes from outside is shared. */
function copySources(copy: string): void {
  const filter = (path: string): boolean => !LEFT_OUT.has(basename(path))
  for (const path of COPIED)
    cpSync(join(ROOT, path), join(copy, path), { recursive: true, verbatimSymlinks: true, filter })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
}

function runIn(copy: string, { by }: Mutant): Promise<number | undefined> {
  const simulator = ['test/sim/src/main.ts', 'node', '--until-failure']
  const run =
    by.kind === 'tests'
      ? ['--test', by.path]
      : [...simulator, '--scenario', by.id, '--seeds', String(by.seeds)]
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const options = { cwd: copy, timeout: RUN_MS_MAX }
  const child = execFile(process.execPath, ['--conditions=@patina/source', ...run], options, () =>
    resolve(child.exitCode ?? undefined),
  )
  return promise
}
