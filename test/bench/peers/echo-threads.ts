/** The echo service as a process of one thread with a pipe of its own, as readers are. */
import { isMainThread } from 'node:worker_threads'
import { serveThread, serveThreads } from '@patina/sqlite'
import { echoHandlers } from './echo-service.ts'

if (isMainThread) await serveThreads({ thread: new URL(import.meta.url), data: null, threads: 1 })
else await serveThread(() => echoHandlers)
