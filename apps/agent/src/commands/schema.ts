/**
 * `patina schema`: `check` reads files as an agent would and needs none; `diff` tells what a reload would change at one
 * agent, and `reload` does it; `skew` tells where the tables of other members are not those of one agent.
 */
import type { Client, SchemaReloaded } from '@patina/client'
import {
  type Command,
  type CommandIo,
  type ParsedArguments,
  parseArguments,
  SHARED_OPTIONS,
  StartRefusal,
  UsageError,
} from '@patina/program'
import { connect } from '../api-target.ts'
import { readSchemaFiles } from '../schema-files.ts'
import { schemaLines } from '../schema-text.ts'
import { followWork } from './follow-work.ts'
import { showSkew } from './schema-skew.ts'

const OPTIONS = { ...SHARED_OPTIONS, 'allow-destructive': 'flag' } as const

export const schemaCommand: Command = {
  usage:
    'schema check FILE… | schema diff [--allow-destructive] | schema reload [--allow-destructive] | schema skew',
  meaning: 'check schema files; tell or make what they change at an agent; tell where members differ',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const [what, ...files] = parsed.positionals
    if (what === 'check') return check(files, parsed, io)
    if (what !== 'diff' && what !== 'reload' && what !== 'skew')
      throw new UsageError('what to do is missing: check, diff, reload or skew')
    if (files.length > 0)
      throw new UsageError(`schema ${what} takes no files: the agent reads db.schema_paths`)
    if (what === 'skew') return showSkew(parsed, io)
    const client = connect(parsed, io.environment)
    const allowDestructive = parsed.flag('allow-destructive')
    if (what === 'reload' && allowDestructive) return reloadDestructive(client, parsed, io)
    tell(await client.reloadSchema({ dryRun: what === 'diff', allowDestructive }), parsed, io)
    return 0
  },
}

function tell(reloaded: SchemaReloaded, parsed: ParsedArguments, io: CommandIo): void {
  if (parsed.flag('json')) io.out(`${JSON.stringify(reloaded, undefined, 2)}\n`)
  else io.out(`${schemaLines(reloaded).join('\n')}\n`)
}

/** Tells what will be done before it is, and then how far it is, until nothing is left. */
async function reloadDestructive(client: Client, parsed: ParsedArguments, io: CommandIo): Promise<number> {
  const options = { allowDestructive: true }
  if (!parsed.flag('json')) tell(await client.reloadSchema({ ...options, dryRun: true }), parsed, io)
  const reloaded = await client.reloadSchema(options)
  if (parsed.flag('json')) tell(reloaded, parsed, io)
  await followWork(client, io)
  return 0
}

async function check(files: readonly string[], parsed: ParsedArguments, io: CommandIo): Promise<number> {
  if (files.length === 0) throw new UsageError('schema check takes files, or folders of *.sql')
  // Loaded here: no other command needs SQLite.
  const { readSchema, SchemaError } = await import('@patina/crdt-store')
  try {
    const { tables, views } = readSchema(readSchemaFiles(files))
    if (parsed.flag('json')) io.out(`${JSON.stringify({ tables: tables.length, views: views.length })}\n`)
    else io.out(`${tables.length} tables and ${views.length} views: a schema\n`)
    return 0
  } catch (cause) {
    if (cause instanceof SchemaError) throw new StartRefusal(cause.message)
    throw cause
  }
}
