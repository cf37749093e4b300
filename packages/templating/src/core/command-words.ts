/**
 * A command line as words, without a shell: blanks part words, quotes keep them together, a backslash keeps the next
 * character. Pure. Nothing is expanded: who wants variables, pipes or `&&` writes `sh -c "…"`.
 */
import { err, ok, type Result } from '@patina/base'

/** The error is a sentence. An empty line has no words. */
export function splitWords(line: string): Result<readonly string[], string> {
  const words: string[] = []
  let word: string | undefined
  let quote: string | undefined
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] as string
    if (char === '\\' && quote !== "'") {
      const next = line[at + 1]
      if (next === undefined) return err('it ends with a backslash')
      word = (word ?? '') + (quote === '"' && next !== '"' && next !== '\\' ? `\\${next}` : next)
      at += 1
    } else if (char === quote) quote = undefined
    else if (quote === undefined && (char === '"' || char === "'")) {
      quote = char
      word ??= ''
    } else if (quote === undefined && /\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + char
  }
  if (quote !== undefined) return err(`a ${quote} is not closed`)
  if (word !== undefined) words.push(word)
  return ok(words)
}
