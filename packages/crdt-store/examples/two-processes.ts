/** Two files, written by two processes, that replicate over a pipe. */
import { fork } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@patina/crdt-store'

const [name = 'ams', folder = mkdtempSync(join(tmpdir(), 'two-'))] = process.argv.slice(2)
const store = openStore({ path: join(folder, `${name}.db`) })
store.applySchema([
  { name: 'app.sql', sql: 'CREATE TABLE machines (id TEXT NOT NULL PRIMARY KEY, state TEXT)' },
])

// The second process runs this file, too, with a database of its own; a pipe between them carries bytes.
const isFirst = name === 'ams'
const peer = isFirst ? fork(import.meta.filename, ['nrt', folder], { serialization: 'advanced' }) : process

let waiting = 2
peer.on('message', (changesets) => {
  store.apply(changesets as Uint8Array[])
  waiting -= 1
  if (waiting > 0) return
  console.log(name, store.database.prepare('SELECT * FROM machines ORDER BY id').raw().all())
  store.close()
  if (!isFirst) process.disconnect?.()
})

write(`${name}-1`, 'started')
write('both', name) // each writes this row without knowing of the other: one of them wins, the same in both files

function write(id: string, state: string): void {
  const { commits } = store.transact([[{ sql: 'INSERT INTO machines VALUES (?, ?)', params: [id, state] }]])
  peer.send?.(commits.flatMap(({ changesets }) => changesets))
}
