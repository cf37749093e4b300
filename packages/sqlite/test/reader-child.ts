/** A readers' process as the agent composes one, with the plain thread. The database's path is the first argument. */
import { serveParentProcess } from '../src/port/child-process.ts'
import type { ReaderContract } from '../src/reader.ts'
import { readerProcessHandlers } from '../src/reader-process.ts'

await serveParentProcess<ReaderContract>(
  () =>
    readerProcessHandlers<ReaderContract>({
      thread: new URL('../src/reader-thread.ts', import.meta.url),
      data: { path: process.argv[2], connectionsMax: 2 },
      threads: 2,
    }),
  { blocks: false },
)
