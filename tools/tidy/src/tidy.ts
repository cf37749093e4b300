/**
 * tidy: prints what the rules find in this repository, and the longest files and functions for the reader.
 * Run: `node tools/tidy/src/tidy.ts`. Exit code 1 when a rule found something.
 */
import { fileURLToPath } from 'node:url'
import { EXCEPTIONS } from './exceptions.ts'
import { formatFinding } from './finding.ts'
import { type Length, longestFiles, longestFunctions } from './longest.ts'
import { RULES, runRules } from './pass.ts'
import { readRepository } from './repository.ts'

const LISTED = 10

const repository = readRepository(fileURLToPath(new URL('../../..', import.meta.url)))
const findings = runRules(repository, RULES, EXCEPTIONS)

printLengths('Longest files (lines)', longestFiles(repository, LISTED))
printLengths('Longest functions (lines)', longestFunctions(repository, LISTED))
for (const finding of findings) console.error(formatFinding(finding))
console.log(`tidy: ${RULES.length} rules, ${EXCEPTIONS.length} exceptions, ${findings.length} findings`)
if (findings.length > 0) process.exitCode = 1

function printLengths(title: string, lengths: readonly Length[]): void {
  console.log(title)
  for (const { lines, what } of lengths) console.log(`  ${String(lines).padStart(5)}  ${what}`)
}
