/**
 * Rule `citations`: what a comment of a source sends its reader to is there: a page of this repository (`docs/protocol.md`,
 * `README.md` of its package), the heading that is quoted behind it (`docs/protocol.md, "Limits"`), a decision (`ADR 0005`).
 * Pages of other projects are cited without `.md`.
 */
import { posix } from 'node:path'
import type { Finding, Rule } from '../finding.ts'
import type { Package, Repository, Source } from '../repository.ts'
import { lineAt } from '../source-text.ts'

export const citations: Rule = {
  name: 'citations',
  check: (repository) =>
    repository.packages.flatMap((pack) =>
      pack.sources.flatMap((source) => checkSource(source, pack, repository)),
    ),
}

const PAGE = /(?<![\w/*.-])([\w./-]+\.md)\b(?:,[\s*]+"([^"]+)")?/g
const DECISION = /\bADR (\d{4})\b/g

function checkSource(source: Source, { folder }: Package, repository: Repository): Finding[] {
  const comments = commentsOf(source)
  const found = (match: RegExpMatchArray, message: string | undefined): Finding[] =>
    message === undefined ? [] : [{ path: source.path, line: lineAt(comments, match.index ?? 0), message }]
  return [
    ...[...comments.matchAll(PAGE)].flatMap((match) =>
      found(match, objectionToPage(match[1] as string, match[2], folder, repository)),
    ),
    ...[...comments.matchAll(DECISION)].flatMap((match) =>
      found(match, objectionToDecision(match[1] as string, repository)),
    ),
  ]
}

function objectionToPage(
  cited: string,
  heading: string | undefined,
  folder: string,
  { pages }: Repository,
): string | undefined {
  const page = pages.find(({ path }) => path === cited || path === posix.join(folder, cited))
  if (page === undefined) return `cites ${cited}, which is no page of this repository`
  if (heading === undefined) return undefined
  const headings = [...page.text.matchAll(/^#{1,6} +(.*)$/gm)].map(([, text]) => text?.trim())
  return headings.includes(heading) ? undefined : `cites "${heading}", which is no heading of ${cited}`
}

function objectionToDecision(number: string, { paths }: Repository): string | undefined {
  const isThere = [...paths].some((path) => path.startsWith(`docs/adr/${number}-`))
  return isThere ? undefined : `cites ADR ${number}, which is not in docs/adr`
}

/** The comments alone, at their places. */
function commentsOf({ text, uncommented }: Source): string {
  let out = ''
  for (let at = 0; at < text.length; at += 1)
    out += text[at] === uncommented[at] && text[at] !== '\n' ? ' ' : (text[at] as string)
  return out
}
