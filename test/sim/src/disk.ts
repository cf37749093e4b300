/**
 * Disk: the file of one simulated host, and what of it survives. A process that is killed leaves all that it wrote; a
 * host that loses its power keeps the write-ahead log up to the last sync. A sync is what SQLite does under `full`
 * durability before a local commit returns. A replaced disk is another file; one that is set back is a copy of what was saved.
 */
import { copyFileSync, existsSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

export class Disk {
  readonly #folder: string
  readonly #node: number
  /** Files that this host has had, copies of power losses included. */
  #files = 0
  #synced = 0

  constructor(folder: string, node: number) {
    this.#folder = folder
    this.#node = node
  }

  get path(): string {
    return join(this.#folder, `${this.#node}-${this.#files}.db`)
  }

  /** How much of the log is written; `sync` may be told later that this much is on the disk. */
  written(): number {
    return walBytes(this.path)
  }

  /** All that is in the log now, or was when so much of it was written, is on the disk. */
  sync(bytes?: number): void {
    this.#synced = bytes === undefined ? this.written() : Math.max(this.#synced, bytes)
  }

  /** The power is gone: what was not synced is, too. Before the file is closed, which would write it out. */
  losePower(): void {
    const before = this.path
    this.#files += 1
    copyWith(before, this.path)
    if (existsSync(`${this.path}-wal`))
      truncateSync(`${this.path}-wal`, Math.min(this.#synced, walBytes(this.path)))
  }

  /** Keeps what is there now, whether it is synced or not: a snapshot of a running machine. Nothing of an empty disk. */
  save(): void {
    if (existsSync(this.path)) copyWith(this.path, this.#savedPath)
  }

  /** The disk is again what it was when it was saved, if it ever was. Nobody has it open. */
  setBack(): void {
    if (!existsSync(this.#savedPath)) return
    this.#files += 1
    copyWith(this.#savedPath, this.path)
    this.#synced = walBytes(this.path)
  }

  /** The disk of another host, copied while that runs. */
  copyOf(other: Disk): void {
    this.#files += 1
    copyWith(other.path, this.path)
    this.#synced = walBytes(this.path)
  }

  get #savedPath(): string {
    return join(this.#folder, `${this.#node}-saved.db`)
  }

  /** Another, empty disk. */
  replace(): void {
    this.#files += 1
    this.#synced = 0
  }
}

function walBytes(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
}

/** A file and its log; whatever stood there before goes. */
function copyWith(from: string, to: string): void {
  copyFileSync(from, to)
  rmSync(`${to}-wal`, { force: true })
  if (existsSync(`${from}-wal`)) copyFileSync(`${from}-wal`, `${to}-wal`)
}
