/**
 * The file behind a store: made with a new actor where there is none, refused where it is not ours, of another cluster, or of
 * a program to come. Nothing is changed in a file that is refused; one of an older format is brought up to ours.
 */
import { type ActorId, actorFromBytes } from '@patina/base'
import type { Database } from '@patina/sqlite'
import { StoreOpenError } from '../errors.ts'
import { AbandonedActors } from './abandoned-actors.ts'
import { ActorsTable } from './actors-table.ts'
import { HaveTable } from './have-table.ts'
import { KnownForksTable } from './known-forks-table.ts'
import { LiveCounters } from './live-counters.ts'
import { ChangesetLog } from './log.ts'
import { LostTable } from './lost-table.ts'
import { FORMAT, MetaTable } from './meta-table.ts'
import { NamesTable } from './names-table.ts'
import { OwnVersions } from './own-versions.ts'
import { becomeLive } from './snapshot.ts'
import { UnknownTable } from './unknown-table.ts'

export interface FileOptions {
  readonly clusterId: string
  readonly newActor: () => ActorId
}

/** Makes the internal tables of a new file; throws StoreOpenError where the file is not for this store. */
export function prepareFile(db: Database, path: string, { clusterId, newActor }: FileOptions): void {
  if (!/^[a-z0-9-]{1,32}$/.test(clusterId))
    throw new StoreOpenError('other-cluster', `cluster id "${clusterId}" is not 1 to 32 of a-z, 0-9 and -`)
  if (!MetaTable.exists(db)) {
    if (hasInternalTables(db)) throw damaged(path)
    createFile(db, { clusterId, newActor: newActor() })
  }
  const meta = new MetaTable(db)
  const format = meta.format()
  if (format === undefined) throw damaged(path)
  if (format > FORMAT)
    throw new StoreOpenError(
      'newer-format',
      `${path} has format ${format}, this program reads up to ${FORMAT}; start the newer program that wrote it`,
    )
  const known = meta.text('cluster_id')
  if (known !== clusterId)
    throw new StoreOpenError(
      'other-cluster',
      `${path} belongs to the cluster "${known}", not "${clusterId}"; correct gossip.cluster_id or use another file`,
    )
  if (format < FORMAT) upgrade(db, meta)
  becomeLive(db, meta, newActor)
}

/** From 1: what is given up, and what is known of forks, got tables. All or nothing. */
function upgrade(db: Database, meta: MetaTable): void {
  db.exec('BEGIN IMMEDIATE')
  for (const table of [LostTable, KnownForksTable]) table.create(db)
  meta.set('format', FORMAT)
  db.exec('COMMIT')
}

function hasInternalTables(db: Database): boolean {
  return (
    db.prepare("SELECT 1 FROM sqlite_schema WHERE name LIKE '\\_\\_patina\\_%' ESCAPE '\\'").get() !==
    undefined
  )
}

function damaged(path: string): StoreOpenError {
  return new StoreOpenError(
    'damaged',
    `${path} does not tell its format (another program changed it); restore a backup, or start with an empty file`,
  )
}

/** 16 random bytes. */
export function randomActor(): ActorId {
  return actorFromBytes(crypto.getRandomValues(new Uint8Array(16)))
}

/** A new file and a new actor. */
function createFile(
  db: Database,
  { clusterId, newActor }: { readonly clusterId: string; readonly newActor: ActorId },
): void {
  db.exec('BEGIN IMMEDIATE')
  const tables = [
    MetaTable,
    ActorsTable,
    OwnVersions,
    AbandonedActors,
    KnownForksTable,
    HaveTable,
    LostTable,
    NamesTable,
    ChangesetLog,
    UnknownTable,
    LiveCounters,
  ]
  for (const table of tables) table.create(db)
  const meta = new MetaTable(db)
  const self = new ActorsTable(db).ordinalOf(newActor)
  meta.set('format', FORMAT)
  meta.set('self', self)
  meta.set('cluster_id', clusterId)
  db.exec('COMMIT')
}
