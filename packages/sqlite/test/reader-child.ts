/** A readers' process as the agent composes one, with the plain thread. The database's path is the first argument. */
import { serveThreads } from '../src/port/serve-threads.ts'

await serveThreads({
  thread: new URL('../src/reader-thread.ts', import.meta.url),
  data: { path: process.argv[2], connectionsMax: 2 },
  threads: 2,
})
