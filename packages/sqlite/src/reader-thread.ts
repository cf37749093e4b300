/** The plain thread of a readers' process: queries and nothing else. `workerData` is ReaderOptions. */
import { workerData } from 'node:worker_threads'
import { serveParentThread } from './port/worker-thread.ts'
import { type ReaderContract, type ReaderOptions, readerHandlers } from './reader.ts'

await serveParentThread<ReaderContract>(() => readerHandlers(workerData as ReaderOptions))
