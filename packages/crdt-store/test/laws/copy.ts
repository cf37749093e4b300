/**
 * Copy: a real store and the oracle beside it. Both get the same requests and the same changesets; after each step
 * `check` compares replies, rows, stamps, counters and knowledge, in memory and in the file.
 */
import assert from 'node:assert/strict'
import {
  type ActorId,
  type ActorVersions,
  type ApplyOutcome,
  type ChangesetHeader,
  decodeChangesetHeader,
  type Need,
  type Version,
} from '@patina/base'
import { type Claim, openStore, type Store, type StoreOptions } from '../../src/index.ts'
import { describeReplica, knowledgeLine } from '../model/describe.ts'
import { type Image, type ModelVersion, Replica } from '../model/replica.ts'
import { type Operation, Refused } from './operations.ts'
import { type Replacement, replaceFile } from './replaced-file.ts'
import { actorName, numbersOf, StoreView } from './store-view.ts'
import { FULL_SCHEMA, LAW_TABLES, type LawSchema } from './tables.ts'

/** Every version that was ever written, by `actor#version`: what the oracle sees when the last chunk arrives. */
export type Written = Map<string, ModelVersion>

/** By `actor#version`. */
interface NamedClaim {
  readonly cleared: readonly string[]
  readonly basis: readonly string[]
}

interface KnownActor {
  /** Versions that are complete here. */
  readonly held: Set<number>
  /** Seqs of the others. */
  readonly waiting: Map<number, Set<number>>
  head: number
  headTs: number
}

type Known = Map<string, KnownActor>

/** A snapshot, and what its store held. */
export interface Backup {
  readonly path: string
  readonly known: Known
  readonly schema: LawSchema
}

export class Copy {
  readonly #options: StoreOptions
  readonly #written: Written
  #replica = new Replica(LAW_TABLES)
  #known: Known = new Map()
  /** What others called cleared, and all that they held when they said so. Gone with a restart. */
  #claims: NamedClaim[] = []
  #schema: LawSchema
  #store: Store
  #view: StoreView

  constructor(options: StoreOptions, schema: LawSchema, written: Written) {
    this.#options = options
    this.#written = written
    this.#store = openStore(options)
    this.#schema = schema
    this.#store.applySchema([{ name: 'laws.sql', sql: schema.sql }])
    this.#view = new StoreView(this.#store, schema.tables)
  }

  get store(): Store {
    return this.#store
  }

  /** Another one after a file has taken the place of this one's. */
  get actor(): ActorId {
    return this.#store.actor
  }

  /** Whether a restart finds the file again. */
  isOnDisk(): boolean {
    return this.#options.path !== ':memory:'
  }

  /** Versions that may wait for chunks; further ones are dropped. */
  get waitingMax(): number {
    return this.#options.limits?.waitingVersionsMax ?? Number.MAX_SAFE_INTEGER
  }

  /** A group of local requests; returns the changesets that it made. */
  transact(requests: readonly (readonly Operation[])[]): Uint8Array[] {
    const expected = requests.map((request) => this.#expect(request))
    const { replies, commits } = this.#store.transact(
      requests.map((request) => request.map(({ statement }) => statement)),
    )
    const got = replies.map((reply) =>
      reply.kind === 'committed' ? (reply.version ?? 'nothing') : reply.kind,
    )
    assert.deepEqual(got, expected, 'replies')
    const changesets = commits.flatMap((commit) => commit.changesets)
    for (const bytes of changesets) this.#arrive(headerOf(bytes))
    return changesets
  }

  /** Changesets of others, in one batch, and what the other calls cleared. */
  deliver(changesets: readonly Uint8Array[], claim?: Claim): void {
    const expected = changesets.map((bytes) => this.#arrive(headerOf(bytes)))
    if (claim !== undefined) this.#claims.push(namesOf(claim))
    this.#believe()
    const { outcomes } = this.#store.apply(changesets, claim).report
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      expected,
      'outcomes',
    )
  }

  /** A changeset that was damaged on the way: whatever its header says now, it leaves no trace. */
  deliverDamaged(bytes: Uint8Array): void {
    const { outcomes } = this.#store.apply([bytes]).report
    assert.ok(
      outcomes[0]?.kind === 'dropped' || outcomes[0]?.kind === 'duplicate',
      `damaged, and ${outcomes[0]?.kind}`,
    )
  }

  /** Closes the file and opens it again. */
  restart(): void {
    const { actor } = this
    this.#store.close()
    this.#open()
    assert.equal(this.actor, actor, 'a restart makes no other actor')
  }

  backUp(path: string): Backup {
    this.#store.snapshot(path)
    return { path, known: structuredClone(this.#known), schema: this.#schema }
  }

  /** Closes the file and puts the backup in its place. */
  replace(backup: Backup, how: Replacement): void {
    const { actor } = this
    const only = this.#store.serve(this.#heldBeyond(backup), Number.MAX_SAFE_INTEGER)
    this.#store.close()
    const found = replaceFile(backup.path, this.#options, how)
    if (found !== 'old') {
      this.#schema = backup.schema
      this.#remember(backup.known)
    }
    this.#open()
    assert.equal(this.actor === actor, found === 'old', `who writes after the file was ${how}`)
    if (found !== 'both') return
    for (const header of only.changesets.map(headerOf))
      if (!this.#isHeld(`${actorName(header.actor)}#${header.version}`)) this.#complete(header)
    for (const name of namesOf(only).cleared) this.#hold(name)
  }

  #open(): void {
    this.#store = openStore(this.#options)
    this.#view = new StoreView(this.#store, this.#schema.tables)
    this.#claims = []
  }

  #remember(known: Known): void {
    this.#known = structuredClone(known)
    this.#replica = new Replica(LAW_TABLES)
    for (const [actor, { held }] of known)
      for (const version of held) this.#replica.see(this.#written.get(`${actor}#${version}`) as ModelVersion)
  }

  /** Versions that are held here, and not there. */
  #heldBeyond({ known }: Backup): Need[] {
    return this.#store.knowledge().map(({ actor, have }) => {
      const there = known.get(actorName(actor))?.held
      const numbers = have.flatMap(({ first, last }) => numbersOf(first, last)) as Version[]
      const versions = numbers.filter((version) => there?.has(version) !== true)
      return { kind: 'versions', actor, versions: versions.map((v) => ({ first: v, last: v })) }
    })
  }

  /** All tables: what was unknown moves into those that come. */
  upgrade(): void {
    if (this.#schema === FULL_SCHEMA) return
    this.#schema = FULL_SCHEMA
    this.#store.applySchema([{ name: 'laws.sql', sql: FULL_SCHEMA.sql }])
    this.#view = new StoreView(this.#store, FULL_SCHEMA.tables)
  }

  close(): void {
    this.#store.close()
  }

  /** Rows, stamps and counters. */
  content(): string[] {
    return this.#view.content()
  }

  /** What is held, by actor. */
  held(): string {
    return this.#view.held().join('\n')
  }

  /** What the store finds wrong with itself: nothing, ever. */
  verify(): void {
    assert.deepEqual(this.#store.verify(), [], 'verify')
    assert.equal(this.#store.stats().quarantined, 0, 'quarantined')
  }

  /** Throws where store and oracle differ. */
  check(): void {
    same(this.content(), describeReplica(this.#replica, this.#schema.tables), 'content')
    const known = this.#knowledge()
    same(this.#view.knowledge(), known, 'knowledge in the file')
    same(this.#view.knowledgeInMemory(), known, 'knowledge in memory')
  }

  /** What the oracle makes of a request: its version, or why there is none. */
  #expect(request: readonly Operation[]): number | 'nothing' | 'failed' {
    const image = this.#replica.image()
    try {
      for (const { table, effect } of request) {
        if (!this.#knows(table)) throw new Refused()
        effect(image)
      }
    } catch (cause) {
      if (cause instanceof Refused) return 'failed'
      throw cause
    }
    return this.#write(image) ?? 'nothing'
  }

  #write(image: Image): number | undefined {
    const changes = this.#replica.difference(image)
    if (changes.length === 0) return undefined
    const actor = actorName(this.actor)
    const version = 1 + [...this.#written.keys()].filter((id) => id.startsWith(`${actor}#`)).length
    const written = { actor, version, changes }
    this.#written.set(`${actor}#${version}`, written)
    this.#replica.see(written)
    return version
  }

  /** A chunk reaches the oracle, unless it would have to wait and too many do. */
  #arrive(header: ChangesetHeader): ApplyOutcome['kind'] {
    const { actor, version, firstSeq, lastSeq, versionLastSeq } = header
    const known = this.#knownOf(actorName(actor))
    if (known.held.has(version)) return 'duplicate'
    const mayWait = actor !== this.actor && lastSeq - firstSeq < versionLastSeq && !known.waiting.has(version)
    if (mayWait && this.#waitingCount() >= this.waitingMax) return 'dropped'
    return this.#complete(header)
  }

  /** Seqs of a version that is not held; it counts once all of them are here. */
  #complete({
    actor,
    version,
    firstSeq,
    lastSeq,
    versionLastSeq,
    ts,
  }: ChangesetHeader): ApplyOutcome['kind'] {
    const known = this.#knownOf(actorName(actor))
    const seqs = known.waiting.get(version) ?? new Set<number>()
    const before = seqs.size
    for (let seq: number = firstSeq; seq <= lastSeq; seq += 1) seqs.add(seq)
    if (seqs.size === before) return 'duplicate'
    known.waiting.set(version, seqs)
    if (version > known.head) Object.assign(known, { head: version, headTs: ts })
    if (seqs.size <= versionLastSeq) return 'buffered'
    known.waiting.delete(version)
    known.held.add(version)
    const written = this.#written.get(`${actorName(actor)}#${version}`)
    assert.equal(written?.changes.length, versionLastSeq + 1, 'row changes of a version')
    this.#replica.see(written as ModelVersion)
    return 'applied'
  }

  /** Drops claims until each that is left rests on what is held and on the others; what these cleared is held then. */
  #believe(): void {
    let left = this.#claims
    for (let before = -1; before !== left.length; ) {
      before = left.length
      const cleared = new Set(left.flatMap((claim) => claim.cleared))
      left = left.filter(({ basis }) => basis.every((name) => this.#isHeld(name) || cleared.has(name)))
    }
    for (const name of left.flatMap(({ cleared }) => cleared)) this.#hold(name)
  }

  #isHeld(name: string): boolean {
    const [actor, version] = name.split('#') as [string, string]
    return this.#known.get(actor)?.held.has(Number(version)) ?? false
  }

  /** A version that is cleared changes nothing, because its winners were seen: so to the oracle it is one that was seen. */
  #hold(name: string): void {
    if (this.#isHeld(name)) return
    const [actor, number] = name.split('#') as [string, string]
    const version = Number(number)
    const known = this.#knownOf(actor)
    known.held.add(version)
    known.waiting.delete(version)
    if (version > known.head) Object.assign(known, { head: version, headTs: 0 })
    this.#replica.see(this.#written.get(name) as ModelVersion)
  }

  #knownOf(actor: string): KnownActor {
    const known = this.#known.get(actor) ?? { held: new Set(), waiting: new Map(), head: 0, headTs: 0 }
    this.#known.set(actor, known)
    return known
  }

  #waitingCount(): number {
    let count = 0
    for (const { waiting } of this.#known.values()) count += waiting.size
    return count
  }

  #knows(table: string): boolean {
    return this.#schema.tables.some(({ name }) => name === table)
  }

  #knowledge(): string[] {
    const heard = [...this.#known].filter(([, { head }]) => head > 0)
    const lines = heard.map(([actor, { held, waiting, head, headTs }]) =>
      knowledgeLine({
        actor,
        have: [...held].sort((a, b) => a - b),
        waiting: new Map([...waiting].map(([version, seqs]) => [version, [...seqs].sort((a, b) => a - b)])),
        head,
        headTs,
      }),
    )
    return lines.sort()
  }
}

function namesOf({ cleared, basis }: Claim): NamedClaim {
  const names = (list: readonly ActorVersions[]): string[] =>
    list.flatMap(({ actor, versions }) =>
      versions.flatMap(({ first, last }) =>
        numbersOf(first, last).map((version) => `${actorName(actor)}#${version}`),
      ),
    )
  return { cleared: names(cleared), basis: names(basis) }
}

export function headerOf(bytes: Uint8Array): ChangesetHeader {
  const decoded = decodeChangesetHeader(bytes)
  assert.ok(decoded.ok)
  return decoded.value.header
}

/** Line by line, so that the message is the one line that differs and not the whole copy. */
function same(got: readonly string[], expected: readonly string[], what: string): void {
  if (got.join('\n') === expected.join('\n')) return
  const extra = got.filter((line) => !expected.includes(line))
  const missing = expected.filter((line) => !got.includes(line))
  throw new Error(
    `${what}: the store says\n  ${extra.join('\n  ')}\nthe oracle says\n  ${missing.join('\n  ')}`,
  )
}
