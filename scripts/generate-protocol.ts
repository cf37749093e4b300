/**
 * Generates the protobuf code of packages/swim and packages/sync: proto/<name>.proto → src/gen/<name>.js and .d.ts.
 * The outcome is committed, and a test of each package regenerates and compares it (`--check`).
 *
 *   node scripts/generate-protocol.ts [--check] [swim|sync …]        without names: both
 *
 * Consumers import `#gen/<name>.js`, which package.json's `imports` maps to src/gen: tsc copies no .js files to dist,
 * and so the same file serves the sources and dist.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const PROTOCOLS = ['swim', 'sync'] as const
export type Protocol = (typeof PROTOCOLS)[number]

/** Generated text by path relative to the root of the repository. */
export type GeneratedFiles = ReadonlyMap<string, string>

const ROOT: string = dirname(dirname(fileURLToPath(import.meta.url)))

/** Only encode, decode and types: what else pbjs can write is dead code here. */
const OPTIONS: readonly string[] = [
  ...['-t', 'static-module', '-w', 'esm', '--dts'],
  ...['--no-create', '--no-verify', '--no-convert', '--no-delimited', '--no-service', '--no-typeurl'],
]

/** Runs pbjs on the package's schema; writes nothing into the repository. */
export function generateProtocol(protocol: Protocol): GeneratedFiles {
  const folder = mkdtempSync(join(tmpdir(), 'patina-protocol-'))
  try {
    const out = join(folder, `${protocol}.js`)
    const schema = join(ROOT, 'packages', protocol, 'proto', `${protocol}.proto`)
    const pbjs = join(ROOT, 'node_modules', 'protobufjs-cli', 'bin', 'pbjs')
    execFileSync(process.execPath, [pbjs, ...OPTIONS, '-r', `patina-${protocol}`, '-o', out, schema])
    const gen = `packages/${protocol}/src/gen`
    return new Map([
      [`${gen}/${protocol}.js`, readFileSync(out, 'utf8')],
      [`${gen}/${protocol}.d.ts`, readFileSync(join(folder, `${protocol}.d.ts`), 'utf8')],
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Paths of committed files that are not what the schema gives now; empty when all is well. */
export function staleFiles(protocol: Protocol): string[] {
  return [...generateProtocol(protocol)]
    .filter(
      ([path, text]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== text,
    )
    .map(([path]) => path)
}

function writeFiles(files: GeneratedFiles): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true })
    writeFileSync(join(ROOT, path), text)
  }
}

function isProtocol(name: string): name is Protocol {
  return (PROTOCOLS as readonly string[]).includes(name)
}

function main(args: readonly string[]): number {
  const names = args.filter((arg) => arg !== '--check')
  const unknown = names.find((name) => !isProtocol(name))
  if (unknown !== undefined) {
    console.error(`generate-protocol: "${unknown}" is not one of ${PROTOCOLS.join(', ')} or --check`)
    return 2
  }
  const protocols = names.length === 0 ? PROTOCOLS : names.filter(isProtocol)
  if (!args.includes('--check')) {
    for (const protocol of protocols) writeFiles(generateProtocol(protocol))
    return 0
  }
  const stale = protocols.flatMap(staleFiles)
  for (const path of stale) console.error(`${path} is not what its schema gives: run "pnpm generate"`)
  return stale.length === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2))
