/**
 * Rule `documents`: every package has a README, and every production file begins with a comment that says what it owns,
 * in at most fifteen lines. Exempt is index.ts, which only lists public names.
 */
import type { Finding, Rule } from '../finding.ts'
import { isTestSource, type Package, type Source } from '../repository.ts'

/** STYLE.md, "Comments": a header has 3 to 15 lines; a short file may say it in fewer. */
const HEADER_LINES_MAX = 15

export const documents: Rule = {
  name: 'documents',
  check: ({ packages }) =>
    packages.flatMap((pack) => [...checkReadme(pack), ...pack.sources.flatMap(checkHeader)]),
}

function checkReadme({ folder, hasReadme }: Package): Finding[] {
  return hasReadme ? [] : [{ path: folder, message: 'has no README.md' }]
}

function checkHeader({ path, text }: Source): Finding[] {
  if (isTestSource(path) || path.endsWith('/index.ts')) return []
  const header = /^(?:#!.*\n)?\/\*\*[\s\S]*?\*\//.exec(text)
  if (header === null) return [{ path, line: 1, message: 'does not begin with a comment on what it owns' }]
  const lines = header[0].split('\n').filter((line) => /\w/.test(line)).length
  return lines <= HEADER_LINES_MAX ? [] : [{ path, line: 1, message: `its header has ${lines} lines` }]
}
