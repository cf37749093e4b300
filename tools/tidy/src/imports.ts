/**
 * Imports of a source: which modules it names, where, and whether only for their types. Found by pattern in the text
 * without comments: static imports and exports, and `import('…')` with a literal.
 */
import { lineAt, type SourceText } from './source-text.ts'

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Gone at run time: `import type`, `export type`. */
  readonly typeOnly: boolean
}

const STATIC =
  /(?<=^|\n)[ \t]*(?:import|export)\s+(type\s[^'"]*?from\s*|[^'"=()]*?from\s*)?(['"])([^'"\n]+)\2/g
const DYNAMIC = /\bimport\(\s*(['"])([^'"\n]+)\1/g

export function importsOf({ uncommented, code }: SourceText): readonly Import[] {
  const found: Import[] = []
  for (const match of uncommented.matchAll(STATIC))
    found.push({
      specifier: match[3] as string,
      line: lineAt(uncommented, match.index),
      typeOnly: (match[1] ?? '').startsWith('type'),
    })
  for (const match of uncommented.matchAll(DYNAMIC)) {
    // The word itself must be code: the text of a string may speak of imports.
    if (!code.startsWith('import(', match.index)) continue
    found.push({ specifier: match[2] as string, line: lineAt(uncommented, match.index), typeOnly: false })
  }
  return found
}
