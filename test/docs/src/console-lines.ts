/**
 * What a TypeScript block promises to print: the texts behind `// → `, in order, each somewhere in the output behind the
 * one before. White space counts once, `…` stands for any text.
 */
import { shownPattern } from './answer-shape.ts'

const PROMISE = /\/\/ → (.+)$/gm

/** The first promise that the output does not keep; undefined where it keeps all. */
export function brokenPromise(block: string, output: string): string | undefined {
  let rest = output
  for (const match of block.matchAll(PROMISE)) {
    const promise = match[1] as string
    const found = new RegExp(shownPattern(promise), 's').exec(rest)
    if (found === null) return promise
    rest = rest.slice(found.index + found[0].length)
  }
  return undefined
}
