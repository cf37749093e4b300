/**
 * The longest files and functions, for the reader of tidy's output: a mirror, not a rule. Functions are found by the
 * formatter's layout: a head that ends in `{`, and the first line behind it that closes with the same indentation.
 */
import { isTestSource, type Repository, type Source } from './repository.ts'

export interface Length {
  /** `packages/swim/src/swim.ts`, with `:line name` for a function. */
  readonly what: string
  readonly lines: number
}

export function longestFiles(repository: Repository, count: number): Length[] {
  return longest(
    productionSources(repository).map(({ path, text }) => ({
      what: path,
      lines: text.split('\n').length - 1,
    })),
    count,
  )
}

export function longestFunctions(repository: Repository, count: number): Length[] {
  return longest(productionSources(repository).flatMap(functionsOf), count)
}

const FUNCTION = /^\s*(?:export )?(?:async )?function\*? ([\w$]+)/
const ARROW = /^\s*(?:export )?const ([\w$]+)\b.*=.*=> \{$/
const METHOD = /^\s+(?:(?:static|async|override|get|set) |\*)*(#?[\w$]+|\[Symbol\.\w+\])(?:<.*>)?\([^=]*$/
const KEYWORD = /^(?:if|for|while|switch|catch|return|super|await|throw|new|function|typeof)$/

export function functionsOf({ path, code }: Source): Length[] {
  const lines = code.split('\n')
  return lines.flatMap((line, at) => {
    const name = FUNCTION.exec(line)?.[1] ?? ARROW.exec(line)?.[1] ?? METHOD.exec(line)?.[1]
    if (name === undefined || KEYWORD.test(name)) return []
    const length = lengthFrom(lines, at)
    return length === undefined ? [] : [{ what: `${path}:${at + 1} ${name}`, lines: length }]
  })
}

/** Lines of the function whose head begins at `start`; undefined where it turns out to be a call or a signature. */
function lengthFrom(lines: readonly string[], start: number): number | undefined {
  const indent = /^\s*/.exec(lines[start] as string)?.[0] ?? ''
  const closes = new RegExp(`^${indent}[})]`)
  let opened = / \{$/.test(lines[start] as string)
  for (let at = start + 1; at < lines.length; at += 1) {
    const line = lines[at] as string
    if (!closes.test(line)) {
      if (!opened && (line === '' || !line.startsWith(`${indent} `))) return undefined
      continue
    }
    if (line.endsWith('{')) opened = true
    else return opened ? at - start + 1 : undefined
  }
  return undefined
}

function productionSources({ packages }: Repository): Source[] {
  return packages.flatMap(({ sources }) => sources).filter(({ path }) => !isTestSource(path))
}

function longest(lengths: readonly Length[], count: number): Length[] {
  return lengths.toSorted((a, b) => b.lines - a.lines).slice(0, count)
}
