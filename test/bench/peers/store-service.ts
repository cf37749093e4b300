/** The agent's store process without an agent: the file and the schema file that it is given, behind a port. */
import { readFileSync } from 'node:fs'
import { storeHandlers } from '@patina/crdt-store'
import { serveParentProcess } from '@patina/sqlite'

const [path, schemaFile] = process.argv.slice(2) as [string, string]
await serveParentProcess(() =>
  storeHandlers({ path, schemaFiles: [{ name: 'schema.sql', sql: readFileSync(schemaFile, 'utf8') }] }),
)
