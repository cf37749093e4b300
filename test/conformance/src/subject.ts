/** Subject: the agent that the table is held against, alone in its cluster, in a folder of its own that goes with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AgentProcess, StepFailure, waitUntil } from '@patina/test-cluster'
import type { Profile } from './exchange.ts'

const START_DEADLINE_MS = 30_000

const SCHEMA = `CREATE TABLE items (id TEXT NOT NULL PRIMARY KEY, n INTEGER, v);
CREATE TABLE reals (id INTEGER NOT NULL PRIMARY KEY, r REAL);`

/** What each profile adds to its tables of the configuration. */
const SETTINGS: { readonly [profile in Profile]: { readonly api: string; readonly limits: string } } = {
  open: { api: '', limits: '' },
  guarded: {
    api: `endpoint_name = "ams"
authorization = { bearer-token = "everything" }
tokens = [{ name = "r", sha256 = "3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30", scopes = ["read"] }]`,
    limits: '',
  },
  tight: {
    api: '',
    limits:
      'body_bytes_max = 1024\nstatements_max = 2\ntransactions_concurrent_max = 1\nqueries_concurrent_max = 1',
  },
}

/** The text whose SHA-256 the configuration of `guarded` has, with the scope `read`. */
export const READER_TOKEN = 'reader'
export const ALL_TOKEN = 'everything'

export interface Subject {
  readonly port: number
  readonly profile: Profile
  stop(): Promise<void>
}

export async function startSubject(profile: Profile): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'patina-conformance-'))
  const { api, limits } = SETTINGS[profile]
  writeFileSync(join(folder, 'schema.sql'), SCHEMA)
  writeFileSync(
    join(folder, 'config.toml'),
    `log.format = "json"
[db]
path = "state.db"
schema_paths = ["schema.sql"]
[gossip]
bind_addr = "127.0.0.1:0"
plaintext = true
[api]
bind_addr = "127.0.0.1:0"
${api}
[limits]
${limits}
`,
  )
  const agent = new AgentProcess(join(folder, 'config.toml'), join(folder, 'agent.log'))
  // A test program that dies leaves no agent behind.
  const killAtExit = (): void => agent.killGroup()
  process.once('exit', killAtExit)
  const stop = async (): Promise<void> => {
    agent.killGroup()
    await agent.groupGone()
    process.off('exit', killAtExit)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
  }
  try {
    const port = await waitUntil({ what: 'the agent is ready', deadlineMs: START_DEADLINE_MS }, async () => {
      if (agent.hasExited()) throw new StepFailure(`the agent ended at its start:\n${agent.logTail()}`)
      return portIn(agent.log())
    })
    return { port, profile, stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

/** From the line that an agent logs when it is ready. */
function portIn(log: string): number | undefined {
  const line = log.split('\n').find((text) => text.includes('"msg":"ready"') && text.endsWith('}'))
  if (line === undefined) return undefined
  const [address] = (JSON.parse(line) as { readonly api: readonly string[] }).api
  return Number(address?.split(':').at(-1))
}
