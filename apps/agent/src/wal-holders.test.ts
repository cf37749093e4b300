import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { oldestOf, oldestSnapshot, readLocks } from './wal-holders.ts'

const TABLE = `
1: POSIX  ADVISORY  READ 4242 08:01:131 124 125
2: POSIX  ADVISORY  WRITE 17 08:01:131 120 120
3: POSIX  ADVISORY  READ 99 08:01:131 126 EOF
4: FLOCK  ADVISORY  WRITE 5 08:01:131 0 EOF
5: POSIX  ADVISORY  READ 6 08:01:132 124 124
6: -> POSIX  ADVISORY  READ 7 08:01:131 124 124
`

test('locks on one file, by the process', () => {
  assert.deepEqual(readLocks(TABLE, 131n), [
    { pid: 4242, first: 124, last: 125 },
    { pid: 17, first: 120, last: 120 },
    { pid: 99, first: 126, last: Infinity },
  ])
})

test('the oldest snapshot is the least mark among slots in use', () => {
  const locks = readLocks(TABLE, 131n)
  assert.deepEqual(oldestOf([0, 900, 300, 500, 7], locks), { mark: 7, pids: [99] })
  assert.deepEqual(oldestOf([0, 900, 300, 500, 700], locks), { mark: 300, pids: [4242] })
  assert.equal(oldestOf([0, 1, 2, 3, 4], []), undefined)
})

test('any table is read without an error', () => {
  fc.assert(fc.property(fc.string(), fc.bigInt(), (table, inode) => Array.isArray(readLocks(table, inode))))
})

/** Has the database open, as the caller must not; does what it is told, line by line, and says so. */
const OTHER = `
import { DatabaseSync } from 'node:sqlite'
import { createInterface } from 'node:readline'
const connections = new Map()
for await (const line of createInterface({ input: process.stdin })) {
  const [name, sql] = JSON.parse(line)
  if (!connections.has(name)) connections.set(name, new DatabaseSync(process.argv[1]))
  connections.get(name).exec(sql)
  console.log('done')
}
`

test('a database that is not there has none; one that somebody reads has its mark', {
  skip: !existsSync('/proc/locks'),
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-holders-'))
  const path = join(folder, 'a.db')
  const other = spawn(process.execPath, ['--input-type=module', '-e', OTHER, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(async () => {
    other.kill('SIGKILL')
    await once(other, 'close')
    rmSync(folder, { recursive: true })
  })
  const tell = async (name: string, sql: string): Promise<void> => {
    other.stdin.write(`${JSON.stringify([name, sql])}\n`)
    await once(other.stdout, 'data')
  }
  assert.equal(oldestSnapshot(path), undefined)
  await tell('writer', 'PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)')
  assert.equal(oldestSnapshot(path), undefined)
  await tell('reader', 'BEGIN; SELECT * FROM t')
  const first = oldestSnapshot(path)
  await tell('writer', 'INSERT INTO t VALUES (2)')
  await tell('later', 'BEGIN; SELECT * FROM t')
  assert.ok(first !== undefined && first.mark > 0)
  assert.deepEqual(oldestSnapshot(path), first)
  assert.deepEqual(first.pids, [other.pid])
  await tell('reader', 'COMMIT')
  assert.ok((oldestSnapshot(path)?.mark ?? 0) > first.mark)
})
