/**
 * Runs a TypeScript block of a package's README as a program of that package: types are stripped, imports are resolved as
 * from its folder, nothing is written into it. `/tmp/` is a folder of its own.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ExampleOutcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const EXAMPLE_MS = 20_000

export function runExample(text: string, packageFolder: string): ExampleOutcome {
  const folder = mkdtempSync(join(tmpdir(), 'patina-example-'))
  const program = text.replaceAll('/tmp/', `${folder}/`)
  const args = ['--conditions=@patina/source', '--input-type=module-typescript', '--eval', program]
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: packageFolder,
      encoding: 'utf8',
      timeout: EXAMPLE_MS,
    })
    return { status, stdout, stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
