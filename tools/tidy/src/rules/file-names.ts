/**
 * Rule `file-names`: a file is named, in kebab case, for the concept that it owns. Names that fit any content
 * (utils, helpers, common, misc, manager, types) are refused, as a part of a name and as a folder, too.
 */
import { posix } from 'node:path'
import type { Finding, Rule } from '../finding.ts'

const FITS_ANYTHING = /^(?:utils?|helpers?|common|misc|managers?|types)$/
const SOURCE = /\.(?:ts|mjs|js)$/
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+$/

export const fileNames: Rule = {
  name: 'file-names',
  check: ({ paths }) => [...paths].flatMap((path) => checkPath(path)),
}

function checkPath(path: string): Finding[] {
  const name = posix.basename(path)
  const isFolder = path.endsWith('/')
  if (!isFolder && !SOURCE.test(name)) return []
  const found: Finding[] = []
  const word = name.split(/[-.]/).find((part) => FITS_ANYTHING.test(part))
  if (word !== undefined) found.push({ path, message: `${word} fits any content: name the concept` })
  if (!isFolder && !KEBAB_CASE.test(name)) found.push({ path, message: 'is not in kebab case' })
  return found
}
