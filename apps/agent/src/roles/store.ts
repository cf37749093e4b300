/** The store process: reads the schema files, opens the database, serves the agent that started it. */
import { type StoreLimits, storeHandlers } from '@patina/crdt-store'
import { serveParentProcess } from '@patina/sqlite'
import { readSchemaFiles } from '../schema-files.ts'

/** What main passes as one JSON argument; small, because the system bounds a command line. */
export interface StoreRoleOptions {
  readonly path: string
  readonly clusterId: string
  readonly durability: 'full' | 'normal'
  /** Files, or folders of *.sql files; absent at a restart, for which the schema of the database is the one that holds. */
  readonly schemaPaths?: readonly string[] | undefined
  /** What the configuration says; the rest is the store's own. */
  readonly limits: Pick<StoreLimits, 'statementsMax' | 'walBytesMax'>
  readonly memoryBytesMax: number
}

/** A refusal (locked, newer format, invalid schema) reaches main as the reason why this process ended. */
export async function runStore(argument: string): Promise<void> {
  const { schemaPaths, memoryBytesMax, ...options } = JSON.parse(argument) as StoreRoleOptions
  await serveParentProcess(
    (begun) => {
      if (schemaPaths === undefined) return storeHandlers(options, begun)
      return storeHandlers({ ...options, schemaFiles: readSchemaFiles(schemaPaths) }, begun)
    },
    { memoryBytesMax },
  )
}
