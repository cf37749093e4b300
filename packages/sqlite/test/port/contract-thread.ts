/** The test service as a thread. */
import { workerData } from 'node:worker_threads'
import { serveParentThread } from '../../src/port/worker-thread.ts'
import { testHandlers } from './contract-service.ts'

await serveParentThread(() => {
  if (workerData === 'refuse') throw new Error('the database is open already')
  return testHandlers()
})
