/**
 * Rule `links`: every relative link in a Markdown page leads to a file or folder of the repository, and an anchor into
 * a page leads to one of its headings. Links to the web are not followed.
 */
import { posix } from 'node:path'
import type { Finding, Rule } from '../finding.ts'
import type { Repository } from '../repository.ts'
import { lineAt } from '../source-text.ts'

export const links: Rule = {
  name: 'links',
  check: (repository) => repository.pages.flatMap((page) => checkPage(page, repository)),
}

type Page = Repository['pages'][number]

const LINK = /\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g
const CODE = /```[\s\S]*?```|`[^`\n]*`/g

function checkPage({ path, text }: Page, repository: Repository): Finding[] {
  const prose = text.replace(CODE, (code) => code.replace(/[^\n]/g, ' '))
  return [...prose.matchAll(LINK)].flatMap((match) => {
    const message = objectionTo(match[1] as string, path, repository)
    return message === undefined ? [] : [{ path, line: lineAt(prose, match.index), message }]
  })
}

function objectionTo(link: string, from: string, { paths, pages }: Repository): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return undefined
  const [file, anchor] = link.split('#') as [string, string?]
  const target = file === '' ? from : posix.join(posix.dirname(from), decodeURI(file)).replace(/\/$/, '')
  if (!paths.has(target) && !paths.has(`${target}/`)) return `leads nowhere: ${link}`
  const page = pages.find(({ path }) => path === target)
  if (anchor === undefined || page === undefined) return undefined
  return anchorsOf(page).has(anchor) ? undefined : `no such heading: ${link}`
}

/** Anchors as the usual hosts derive them from headings. */
function anchorsOf({ text }: Page): Set<string> {
  const headings = text.replace(/```[\s\S]*?```/g, '').matchAll(/^#{1,6}\s+(.*)$/gm)
  return new Set(
    [...headings].map((match) =>
      (match[1] as string)
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  )
}
