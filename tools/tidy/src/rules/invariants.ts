/**
 * Rule `invariants`: every invariant that code cites by number (`I-SWIM-3`) stands in docs/invariants.md, once. Whether
 * the page says the same as the code remains a reader's question.
 */
import type { Finding, Rule } from '../finding.ts'
import { lineAt } from '../source-text.ts'

const PAGE = 'docs/invariants.md'
const NUMBER = /\bI-[A-Z]+-\d+\b/g
const DEFINITION = /^\| *(I-[A-Z]+-\d+) *\|/gm

export const invariants: Rule = {
  name: 'invariants',
  check: ({ packages, pages }) => {
    const page = pages.find(({ path }) => path === PAGE)
    const defined = [...(page?.text ?? '').matchAll(DEFINITION)].map((match) => match[1] as string)
    const known = new Set(defined)
    const cited = packages
      .flatMap(({ sources }) => sources)
      // The rules speak of numbers that are examples.
      .filter(({ path }) => !path.startsWith('tools/'))
      .flatMap(({ path, text }) => citations(path, text))
    return [
      ...cited
        .filter(({ number }) => !known.has(number))
        .map(({ path, line, number }) => unknown(path, line, number)),
      ...defined
        .filter((number, at) => defined.indexOf(number) !== at)
        .map((number) => ({ path: PAGE, message: `${number} is defined twice` })),
    ]
  },
}

function citations(path: string, text: string): { path: string; line: number; number: string }[] {
  return [...text.matchAll(NUMBER)].map((match) => ({
    path,
    line: lineAt(text, match.index),
    number: match[0],
  }))
}

function unknown(path: string, line: number, number: string): Finding {
  return { path, line, message: `cites ${number}, which ${PAGE} does not define` }
}
