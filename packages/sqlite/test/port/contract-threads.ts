/** The test service as a thread with a pipe of its own, in a process that is this module too. */
import { isMainThread } from 'node:worker_threads'
import { serveThread, serveThreads } from '../../src/port/serve-threads.ts'
import { testHandlers } from './contract-service.ts'

if (isMainThread) {
  const [threads = '1', data] = process.argv.slice(2)
  await serveThreads({ thread: new URL(import.meta.url), data, threads: Number(threads) })
} else
  await serveThread((data) => {
    if (data === '--refuse') throw new Error('the database is open already')
    return testHandlers()
  })
