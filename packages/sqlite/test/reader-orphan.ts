/** Starts a readers' process, makes one of its threads run an endless statement, prints its pid, waits to be killed. */
import { openThreadedProcess } from '../src/port/threaded-process.ts'
import type { ReaderContract } from '../src/reader.ts'

const port = openThreadedProcess<ReaderContract>({
  threads: 2,
  askAll: ['ready'],
  module: new URL('./reader-child.ts', import.meta.url),
  args: [String(process.argv[2])],
})
const sql = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'
await port.call('ready', null)
void port.openStream('query', { statement: { sql, params: [] }, rowsMax: 1, bytesMax: 1000 })
setTimeout(() => process.stdout.write(`${port.pid}\n`), 100)
