/** A store process for tests: the path of its database as one argument. */
import { serveParentProcess } from '@patina/sqlite'
import { storeHandlers } from '../src/index.ts'
import { SCHEMA } from './two-stores.ts'

const path = process.argv[2] as string
const options = { path, schemaFiles: [{ name: 'test.sql', sql: SCHEMA }] }
await serveParentProcess((begun) => storeHandlers(options, begun))
