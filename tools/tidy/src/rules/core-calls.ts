/**
 * Rule `core-calls`: a core names no clock, no chance and nothing outside of it. The type check without Node's types
 * refuses most of this, lint refuses `Date` and `Math.random`; this rule also sees `Math['random']`, a destructured
 * `Math`, and the way through `globalThis`, and it cannot be talked out of it by a declaration.
 */
import type { Finding, Rule } from '../finding.ts'
import { importsOf } from '../imports.ts'
import { isCoreSource } from '../layers.ts'
import { isTestSource, type Source } from '../repository.ts'
import { lineAt } from '../source-text.ts'

export const coreCalls: Rule = {
  name: 'core-calls',
  check: ({ packages }) =>
    packages
      .flatMap(({ sources }) => sources)
      .filter(({ path }) => isCoreSource(path) && !isTestSource(path))
      .flatMap((source) => [...bannedNames(source), ...bannedImports(source)]),
}

const BANNED =
  'Date|Temporal|setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|clearImmediate|queueMicrotask|process|' +
  'performance|crypto|console|fetch|Buffer|require|globalThis|global|window|structuredClone|eval|Function|Intl'

/** Not behind a dot (another's property), not a key of an object or type. `...x` is a use. */
const NAME = new RegExp(`(?<![\\w$#]|(?<!\\.\\.)\\.)(?:${BANNED})(?![\\w$]|\\s*\\??:(?!:))`, 'g')
const CHANCE = /(?<![\w$]|(?<!\.\.)\.)Math(?:\s*\??\.\s*random\b|(?!\s*\.\s*\w)(?![\w$]))/g

function bannedNames({ path, code }: Source): Finding[] {
  return [...code.matchAll(NAME), ...code.matchAll(CHANCE)].map((match) => ({
    path,
    line: lineAt(code, match.index),
    message: `a core may not use ${match[0]}: time, chance and effects are arguments and return values`,
  }))
}

function bannedImports(source: Source): Finding[] {
  return importsOf(source)
    .filter(
      ({ specifier }) =>
        specifier.startsWith('node:') || /^(?:fs|net|os|crypto|timers)(?:\/|$)/.test(specifier),
    )
    .map(({ specifier, line }) => ({
      path: source.path,
      line,
      message: `a core may not import ${specifier}`,
    }))
}
