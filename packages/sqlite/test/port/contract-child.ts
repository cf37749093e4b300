/** The test service as a process of its own. */
import { serveParentProcess } from '../../src/port/child-process.ts'
import { testHandlers } from './contract-service.ts'

await serveParentProcess(() => {
  if (process.argv.includes('--refuse')) throw new Error('the database is open already')
  return testHandlers()
})
