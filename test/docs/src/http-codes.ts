/**
 * What docs/http-api.md promises by name, and the same names in the sources: codes of refusals, routes, keys of a JSON answer.
 * Pure: reads no file. The sources are read as text, so what they name has the forms that are listed here.
 */

/** First cells of the tables under a heading and those below it, without their quotes. */
export function namesUnder(page: string, heading: string): string[] {
  const [marks, rest = ''] = page.split(new RegExp(`^(#+) ${heading}$`, 'm')).slice(1)
  const depth = marks?.length ?? 1
  const end = rest.search(new RegExp(`^#{1,${depth}} `, 'm'))
  return (end < 0 ? rest : rest.slice(0, end))
    .split('\n')
    .filter((line, i, lines) => line.startsWith('|') && !isHead(lines, i))
    .map((line) => (line.split('|')[1] as string).replaceAll('`', '').trim())
}

/** The line of names, or the one of dashes below it. */
function isHead(lines: readonly string[], i: number): boolean {
  return [lines[i], lines[i + 1]].some((line) => /^\| -/.test(line ?? ''))
}

const CODE_FORMS: readonly RegExp[] = [
  /\bcode(?:: string)?(?::| =) '([\w-]+)'/g,
  /\boverloaded\([^()]*, '([\w-]+)'\)/g,
  /\?\? '([\w-]+)'/g,
  /\brefused\('([\w-]+)'/g,
  /new (?:RequestRefused|StatementFailed)\(\s*'([\w-]+)'/g,
]

/** Codes that a source gives to refusals. */
export function codesIn(source: string): string[] {
  return CODE_FORMS.flatMap((form) => [...source.matchAll(form)].map(([, code]) => code as string))
}

/** Members of the first union of texts behind `name`. */
export function unionIn(source: string, name: string): string[] {
  const union = new RegExp(`\\b${name}(?: =|:)((?:\\s+\\/\\*\\*[^\\n]*|\\s*\\|?\\s*'[\\w-]+')+)`).exec(
    source,
  )?.[1]
  return [...(union ?? '').matchAll(/'([\w-]+)'/g)].map(([, member]) => member as string)
}

/** Keys of the object that the first `return` of a source makes, inner ones too. */
export function keysIn(source: string): string[] {
  const returned = source.slice(source.search(/\breturn \{$/m))
  return [...returned.matchAll(/(?:^\s+|[{,] )(\w+)(?:: |,$)/gm)].map(([, key]) => key as string)
}
