/** Follows what a change of the schema has left to do at an agent, with a line on stderr for each step; returns when nothing is left. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, SchemaProgress } from '@patina/client'
import type { CommandIo } from '@patina/program'

const EVERY_MS = 500

/** Whoever stops it (Ctrl-C) stops the telling; the agent goes on. */
export async function followWork(client: Pick<Client, 'schema'>, io: Pick<CommandIo, 'err'>): Promise<void> {
  for (let told = ''; ; await sleep(EVERY_MS)) {
    const { pending } = await client.schema()
    const line = pending.map(progressText).join('; ')
    if (line !== told && line !== '') io.err(`${line}\n`)
    told = line
    if (pending.length === 0) return
  }
}

function progressText({ table, work, rows, of }: SchemaProgress): string {
  return rows === undefined || of === undefined
    ? `${work} ${table}`
    : `${work} ${table}: ${rows} of ${of} rows`
}
