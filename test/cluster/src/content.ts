/** Content: what the agents hold, compared: a cheap fingerprint to wait by, and a hash over all rows to be sure. */
import { createHash } from 'node:crypto'
import type { AgentApi } from './agent-api.ts'
import { StepFailure, type WaitOptions, waitUntil } from './wait-until.ts'

const FINGERPRINT = `SELECT count(*), sum(updated), sum(port), sum(length(state)) FROM machines`
const ALL_ROWS = 'SELECT id, app, region, node, addr, port, state, updated FROM machines ORDER BY id'
const EQUAL_DEADLINE_MS = 60_000
const POLL_MS = 5

/** A node as far as its content goes. */
export interface ContentNode {
  readonly name: string
  readonly api: Pick<AgentApi, 'query' | 'queryLines'>
}

export interface Content {
  readonly rows: number
  /** SHA-256 over all rows in order of their keys, hexadecimal. */
  readonly hash: string
}

/** Waits until every node shows the same fingerprint, with so many rows where their number is known. */
export async function untilEqual(
  nodes: readonly ContentNode[],
  rows: number | 'any',
  { deadlineMs = EQUAL_DEADLINE_MS, pollMs = POLL_MS }: Partial<WaitOptions> = {},
): Promise<void> {
  const what = `${nodes.map(({ name }) => name).join(', ')} hold the same ${rows === 'any' ? '' : `${rows} `}rows`
  await waitUntil({ what, deadlineMs, pollMs }, async () => {
    const prints = await Promise.all(nodes.map(({ api }) => api.query(FINGERPRINT)))
    const texts = new Set(prints.map((print) => JSON.stringify(print)))
    return texts.size === 1 && (rows === 'any' || prints[0]?.[0]?.[0] === rows) ? true : undefined
  })
}

export async function countRows({ api }: ContentNode): Promise<number> {
  return Number((await api.query('SELECT count(*) FROM machines'))[0]?.[0])
}

/** Hashes all rows on every node and throws unless all hold the same. */
export async function sameContent(nodes: readonly ContentNode[]): Promise<Content> {
  const contents = await Promise.all(nodes.map(contentOf))
  const [first] = contents
  if (first === undefined) throw new Error('no nodes')
  nodes.forEach(({ name }, at) => {
    const content = contents[at] as Content
    if (content.hash !== first.hash)
      throw new StepFailure(
        `${name} holds other rows (${content.rows}, ${content.hash.slice(0, 12)}) than ${nodes[0]?.name}`,
      )
  })
  return first
}

async function contentOf({ api }: ContentNode): Promise<Content> {
  const lines = await api.queryLines(ALL_ROWS)
  const hash = createHash('sha256')
  for (const line of lines) hash.update(line).update('\n')
  return { rows: lines.length, hash: hash.digest('hex') }
}
