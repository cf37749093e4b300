/**
 * `patina backup`, `restore` and `verify`: the database of this host as a whole. They read or replace the file that the
 * configuration names and need no agent; backup and verify may run beside one, restore takes its lock.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import {
  type Command,
  type CommandIo,
  onlyPositional,
  type ParsedArguments,
  parseArguments,
  StartRefusal,
  UsageError,
} from '@patina/program'
import { CONFIG_PATH_DEFAULT, loadConfig } from '../config.ts'

const OPTIONS = { config: 'text', json: 'flag', help: 'flag' } as const

/** What the configuration says of the file. */
interface Place {
  readonly path: string
  readonly clusterId: string
}

export const backupCommand: Command = {
  usage: 'backup FILE',
  meaning: "write a consistent copy of this host's database to FILE, beside a running agent or without one",
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const target = resolve(onlyPositional(parsed, 'the file to write'))
    const { path } = placeOf(parsed, io)
    const started = performance.now()
    const facts = await copyOf(path, target)
    const seconds = Math.round(performance.now() - started) / 1000
    if (parsed.flag('json')) io.out(`${JSON.stringify({ path: target, ...facts, seconds })}\n`)
    else io.out(`${target}: ${facts.bytes} bytes, ${facts.versions} versions, ${seconds} s\n`)
    return 0
  },
}

export const restoreCommand: Command = {
  usage: 'restore FILE',
  meaning:
    "put a backup in the place of this host's database, under a new actor; writes that only this host has are kept",
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const snapshot = resolve(onlyPositional(parsed, 'the backup'))
    const { path, clusterId } = placeOf(parsed, io)
    const { adoptSnapshot } = await import('@patina/crdt-store')
    const facts = await refusing(() => adoptSnapshot(snapshot, { path, clusterId }))
    if (parsed.flag('json')) io.out(`${JSON.stringify({ path, ...facts })}\n`)
    else
      io.out(
        `${path}: ${facts.fromSnapshot} versions of the backup, ${facts.fromOldFile} that only this host had\n`,
      )
    return 0
  },
}

export const verifyCommand: Command = {
  usage: 'verify',
  meaning: 'recount what the database claims, on a copy beside it; 1 where something does not agree',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    if (parsed.positionals.length > 0) throw new UsageError('verify takes no arguments')
    const { path, clusterId } = placeOf(parsed, io)
    const folder = mkdtempSync(join(dirname(path), '.patina-verify-'))
    try {
      const copy = join(folder, 'copy.db')
      await copyOf(path, copy)
      const { openStore } = await import('@patina/crdt-store')
      const store = await refusing(() => openStore({ path: copy, clusterId }))
      const findings = store.verify()
      store.close()
      if (parsed.flag('json')) io.out(`${JSON.stringify({ path, findings })}\n`)
      else
        io.out(
          findings.length === 0
            ? `${path}: all agrees\n`
            : findings.map((f) => `${f.kind}: ${f.message}\n`).join(''),
        )
      return findings.length === 0 ? 0 : 1
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function placeOf(parsed: ParsedArguments, io: CommandIo): Place {
  const { config } = loadConfig(parsed.text('config') ?? CONFIG_PATH_DEFAULT, io.environment)
  return { path: config.db.path, clusterId: config.gossip.clusterId }
}

async function copyOf(
  path: string,
  target: string,
): Promise<{ readonly bytes: number; readonly versions: number }> {
  // Loaded here: no other command needs SQLite.
  const [{ openReader }, { WalSync, writeSnapshot }] = await Promise.all([
    import('@patina/sqlite'),
    import('@patina/crdt-store'),
  ])
  return refusing(() => {
    const reader = openReader(path)
    try {
      return writeSnapshot(reader, target, () => syncWal(path, WalSync))
    } finally {
      reader.close()
    }
  })
}

/** A database that nobody has open has no WAL, and is on the disk already. */
function syncWal(path: string, wal: new (path: string) => { sync(): void; close(): void }): void {
  if (!existsSync(`${path}-wal`)) return
  const sync = new wal(path)
  try {
    sync.sync()
  } finally {
    sync.close()
  }
}

/** What the store refuses, as a sentence of the program. */
async function refusing<T>(work: () => T): Promise<T> {
  const [{ OpenError }, { SnapshotError, StoreOpenError }] = await Promise.all([
    import('@patina/sqlite'),
    import('@patina/crdt-store'),
  ])
  try {
    return work()
  } catch (cause) {
    const isRefusal = [OpenError, SnapshotError, StoreOpenError].some((kind) => cause instanceof kind)
    if (isRefusal || (cause instanceof Error && 'code' in cause))
      throw new StartRefusal((cause as Error).message)
    throw cause
  }
}
