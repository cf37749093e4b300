/**
 * Latency: how long a write on one agent takes to be readable on another. The clock starts when the request is sent;
 * the reader asks again and again over its own connection. One clock for both ends, because both are this process.
 */
import type { AgentApi } from '@patina/test-cluster'
import { waitUntil } from '@patina/test-cluster'

export interface Writer {
  readonly api: Pick<AgentApi, 'execute'>
}

export interface Reader {
  readonly name: string
  readonly api: Pick<AgentApi, 'query'>
}

export interface WriteTimes {
  /** Until the writer has answered that the write is durable. */
  readonly answeredMs: number
  /** Until each reader has shown it. */
  readonly readableMs: ReadonlyMap<string, number>
}

const READABLE_DEADLINE_MS = 10_000
/** Asking without a pause would take the cores that three agents and this process share from what is measured. */
const POLL_MS = 1

/** Changes the row `id` on `writer` to the moment `updated`, which it had never before. */
export async function timeWrite(
  writer: Writer,
  readers: readonly Reader[],
  id: string,
  updated: number,
): Promise<WriteTimes> {
  const start = performance.now()
  const written = writer.api
    .execute([['UPDATE machines SET updated = ? WHERE id = ?', [updated, id]]])
    .then(() => performance.now() - start)
  const read = readers.map(async (reader): Promise<[string, number]> => {
    await untilReadable(reader, id, updated)
    return [reader.name, performance.now() - start]
  })
  const [answeredMs, ...readable] = await Promise.all([written, ...read])
  return { answeredMs, readableMs: new Map(readable) }
}

async function untilReadable({ name, api }: Reader, id: string, updated: number): Promise<void> {
  const what = `a write can be read in ${name}`
  await waitUntil({ what, deadlineMs: READABLE_DEADLINE_MS, pollMs: POLL_MS }, async () => {
    const rows = await api.query('SELECT updated FROM machines WHERE id = ?', [id])
    return rows[0]?.[0] === updated ? true : undefined
  })
}
