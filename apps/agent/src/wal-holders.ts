/**
 * Who reads the oldest snapshot of a database, by what the system shows of SQLite's locks: Linux alone. SQLite notes the end of
 * each snapshot in the file `-shm`, which readers share by five slots, and locks a byte for each slot in use
 * (https://sqlite.org/walformat.html, "The WAL-Index File Format"). Not for a process that has the database open: closing a file
 * drops all locks that the process has on it.
 */
import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs'
import { endianness } from 'node:os'

export interface OldestSnapshot {
  /** The end of the snapshot as a frame of the log; 0: what is in the file alone. Equal later: the same snapshot. */
  readonly mark: number
  /** Processes that read it, or one that shares its slot. */
  readonly pids: readonly number[]
}

/** Of the WAL-index header, in bytes: two copies of 48, one word, then the read marks. */
const MARKS_AT = 100
const SLOTS = 5
/** The lock of slot 0; those of the others follow. */
const FIRST_LOCK = 123
const HEADER_BYTES = 136

/** Undefined where nobody reads, or the system does not tell. */
export function oldestSnapshot(databasePath: string): OldestSnapshot | undefined {
  try {
    const path = `${realpathSync(databasePath)}-shm`
    const locks = readLocks(readFileSync('/proc/locks', 'utf8'), statSync(path, { bigint: true }).ino)
    return oldestOf(readMarks(path), locks)
  } catch {
    return undefined
  }
}

/** A range of bytes that a process has locked. */
export interface FileLock {
  readonly pid: number
  readonly first: number
  readonly last: number
}

/** Locks on the file with this inode: `1: POSIX ADVISORY READ 4242 08:01:131 124 124`. */
export function readLocks(table: string, inode: bigint): FileLock[] {
  return table.split('\n').flatMap((line) => {
    const [, type, , , pid, file, first, last] = line.trim().split(/\s+/)
    if (type !== 'POSIX' || file?.split(':')[2] !== String(inode)) return []
    return [{ pid: Number(pid), first: Number(first), last: last === 'EOF' ? Infinity : Number(last) }]
  })
}

/** The slot in use with the least mark. */
export function oldestOf(marks: readonly number[], locks: readonly FileLock[]): OldestSnapshot | undefined {
  const inUse = marks.map((mark, slot) => ({ mark, pids: pidsOf(locks, FIRST_LOCK + slot) }))
  const held = inUse.filter(({ pids }) => pids.length > 0)
  return held.toSorted((a, b) => a.mark - b.mark)[0]
}

function pidsOf(locks: readonly FileLock[], byte: number): number[] {
  const holders = locks.filter(({ first, last }) => first <= byte && byte <= last)
  return [...new Set(holders.map(({ pid }) => pid))]
}

function readMarks(path: string): number[] {
  const header = Buffer.alloc(HEADER_BYTES)
  const file = openSync(path, 'r')
  try {
    readSync(file, header, 0, HEADER_BYTES, 0)
  } finally {
    closeSync(file)
  }
  const read = endianness() === 'LE' ? header.readUInt32LE.bind(header) : header.readUInt32BE.bind(header)
  return Array.from({ length: SLOTS }, (_, slot) => read(MARKS_AT + 4 * slot))
}
