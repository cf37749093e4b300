/**
 * The fenced code blocks of a Markdown page. A block that cannot be run says so, with the reason, in a comment on the
 * last line of text before it: `<!-- not run: REASON -->`.
 */

export interface FencedBlock {
  /** `ts`, `sh`, …; empty where the fence names none. */
  readonly language: string
  readonly text: string
  /** Line of the opening fence, from 1. */
  readonly line: number
  /** Text of the nearest heading above; empty before the first one. */
  readonly heading: string
  /** Why it is not run; undefined where it is. */
  readonly notRun: string | undefined
}

const FENCE = /^```(\S*)\s*$/
const HEADING = /^#{1,6} (.+)$/
const NOT_RUN = /^<!-- not run: (.+) -->$/

export function fencedBlocks(page: string): FencedBlock[] {
  const blocks: FencedBlock[] = []
  const lines = page.split('\n')
  let heading = ''
  let before = ''
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string
    const language = FENCE.exec(line)?.[1]
    if (language === undefined) {
      heading = HEADING.exec(line)?.[1] ?? heading
      if (line.trim() !== '') before = line.trim()
      continue
    }
    const end = lines.indexOf('```', at + 1)
    if (end < 0) throw new Error(`line ${at + 1}: the block has no end`)
    const text = `${lines.slice(at + 1, end).join('\n')}\n`
    blocks.push({ language, text, line: at + 1, heading, notRun: NOT_RUN.exec(before)?.[1] })
    at = end
    before = ''
  }
  return blocks
}
