/**
 * `patina schema`: `check` reads files as an agent would and needs none; `diff` tells what a reload would change at one
 * agent, and `reload` does it; `skew` tells where the tables of other members are not those of one agent.
 */
import { connect } from '../api-target.ts'
import { type ParsedArguments, parseArguments, SHARED_OPTIONS } from '../arguments.ts'
import { StartRefusal, UsageError } from '../refusal.ts'
import { readSchemaFiles } from '../schema-files.ts'
import { schemaLines } from '../schema-text.ts'
import type { Command, CommandIo } from './command.ts'
import { showSkew } from './schema-skew.ts'

export const schemaCommand: Command = {
  usage: 'schema check FILE… | schema diff | schema reload | schema skew',
  meaning: 'check schema files; tell or make what they change at an agent; tell where members differ',
  options: SHARED_OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, SHARED_OPTIONS)
    const [what, ...files] = parsed.positionals
    if (what === 'check') return check(files, parsed, io)
    if (what !== 'diff' && what !== 'reload' && what !== 'skew')
      throw new UsageError('what to do is missing: check, diff, reload or skew')
    if (files.length > 0)
      throw new UsageError(`schema ${what} takes no files: the agent reads db.schema_paths`)
    if (what === 'skew') return showSkew(parsed, io)
    const reloaded = await connect(parsed, io.environment).reloadSchema({ dryRun: what === 'diff' })
    if (parsed.flag('json')) io.out(`${JSON.stringify(reloaded, undefined, 2)}\n`)
    else io.out(`${schemaLines(reloaded).join('\n')}\n`)
    return 0
  },
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
