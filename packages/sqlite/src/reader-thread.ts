/** The plain thread of a readers' process: queries and nothing else. Its data is ReaderOptions. */
import { serveThread } from './port/serve-threads.ts'
import { type ReaderContract, type ReaderOptions, readerHandlers } from './reader.ts'

await serveThread<ReaderContract, ReaderOptions>(readerHandlers)
