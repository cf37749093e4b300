/**
 * SchemaSkew: what the connected peers have said of their tables, held against our own. Our word goes to a peer when its session
 * opens and to all when our schema changes; a session's messages come in order, so the last word counts. It is kept as long as the
 * session stands. Says what differs and never what is right: copies of any stage converge (docs/schema.md).
 */
import type { ActorId, SchemaHashes } from '@patina/base'
import { decodeSchemaWord, encodeSchemaWord, type SchemaWord } from './schema-word.ts'

/** A table that is not the same everywhere; only connected peers count. */
export interface TableSkew {
  /** Folded. */
  readonly table: string
  /** Peers that define it otherwise. */
  readonly differs: readonly ActorId[]
  /** Peers that lack it. */
  readonly lacks: readonly ActorId[]
  /** Peers that have it where we do not. */
  readonly only: readonly ActorId[]
}

export interface SchemaSkewView {
  /** In order of their names, at most SKEWED_TABLES_MAX. */
  readonly tables: readonly TableSkew[]
  /** Connected peers by what is known of them. */
  readonly same: number
  readonly other: number
  /** They have not said anything yet. */
  readonly unknown: number
  /** Peers that differ in something that their message had no room for. */
  readonly elsewhere: readonly ActorId[]
}

/** To whom what is said. */
export interface SpokenWord {
  readonly to: readonly ActorId[]
  readonly bytes: Uint8Array
}

export const SKEWED_TABLES_MAX = 1_000
/** Different words kept; a cluster has few. The peers of further ones count as unknown. */
const WORDS_MAX = 64

export class SchemaSkew {
  #own: SchemaHashes
  #message: Uint8Array
  /** Of each peer with a session; undefined: nothing is known. Equal words are one object. */
  readonly #words = new Map<ActorId, SchemaWord | undefined>()

  /** Peers who have still to hear it once more. */
  #turn = new Set<ActorId>()

  constructor(own: SchemaHashes) {
    this.#own = own
    this.#message = encodeSchemaWord(own)
  }

  /** A peer with whom a session has opened hears ours. */
  opened(actor: ActorId): SpokenWord {
    this.#words.set(actor, undefined)
    return { to: [actor], bytes: this.#message }
  }

  /** Now and then one peer hears it once more, in turn: a message may be dropped where too many wait. */
  again(): SpokenWord {
    const [next] = this.#turn
    if (next === undefined) this.#turn = new Set(this.#words.keys())
    else this.#turn.delete(next)
    return { to: next !== undefined && this.#words.has(next) ? [next] : [], bytes: this.#message }
  }

  closed(actor: ActorId): void {
    this.#words.delete(actor)
  }

  /** Our schema has changed; returns to whom the new word goes. */
  changed(own: SchemaHashes): SpokenWord {
    const isNew = own.all !== this.#own.all
    this.#own = own
    this.#message = encodeSchemaWord(own)
    return { to: isNew ? [...this.#words.keys()] : [], bytes: this.#message }
  }

  /** False where the bytes are no word. */
  received(from: ActorId, bytes: Uint8Array): boolean {
    const decoded = decodeSchemaWord(bytes)
    if (!decoded.ok) return false
    // Said in a session that has ended meanwhile.
    if (this.#words.has(from)) this.#words.set(from, this.#shared(from, decoded.value))
    return true
  }

  view(): SchemaSkewView {
    const skews = new Skews()
    const elsewhere: ActorId[] = []
    let [same, other, unknown] = [0, 0, 0]
    for (const [actor, word] of this.#words) {
      if (word === undefined) unknown += 1
      else if (word.all === this.#own.all) same += 1
      else {
        other += 1
        if (!this.#compare(actor, word, skews)) elsewhere.push(actor)
      }
    }
    return { tables: skews.sorted(), same, other, unknown, elsewhere }
  }

  /** True where a table that differs was found. */
  #compare(actor: ActorId, { tables, count }: SchemaWord, skews: Skews): boolean {
    const theirs = new Map(tables.map(({ table, hash }) => [table, hash]))
    const ours = new Map(this.#own.tables.map(({ table, hash }) => [table, hash]))
    let found = false
    for (const [table, hash] of ours) {
      const other = theirs.get(table)
      if (other === hash) continue
      // A list that was cut may have it behind its end.
      if (other === undefined && tables.length < count) continue
      skews.add(table, other === undefined ? 'lacks' : 'differs', actor)
      found = true
    }
    for (const table of theirs.keys()) {
      if (ours.has(table)) continue
      skews.add(table, 'only', actor)
      found = true
    }
    return found
  }

  /** The word, or an equal one that is there already; undefined where too many different ones are kept. */
  #shared(from: ActorId, word: SchemaWord): SchemaWord | undefined {
    const kept = new Set<SchemaWord>()
    for (const [actor, other] of this.#words) if (other !== undefined && actor !== from) kept.add(other)
    for (const other of kept) if (isEqual(other, word)) return other
    return kept.size < WORDS_MAX ? word : undefined
  }
}

type Way = 'differs' | 'lacks' | 'only'

/** By table; bounded, because names come from peers. */
class Skews {
  readonly #byTable = new Map<string, { readonly [way in Way]: ActorId[] }>()

  add(table: string, way: Way, actor: ActorId): void {
    let skew = this.#byTable.get(table)
    if (skew === undefined) {
      if (this.#byTable.size >= SKEWED_TABLES_MAX) return
      skew = { differs: [], lacks: [], only: [] }
      this.#byTable.set(table, skew)
    }
    skew[way].push(actor)
  }

  sorted(): TableSkew[] {
    return [...this.#byTable]
      .map(([table, skew]) => ({ table, ...skew }))
      .toSorted((a, b) => (a.table < b.table ? -1 : 1))
  }
}

function isEqual(a: SchemaWord, b: SchemaWord): boolean {
  return (
    a.all === b.all &&
    a.count === b.count &&
    a.tables.length === b.tables.length &&
    a.tables.every(({ table, hash }, i) => table === b.tables[i]?.table && hash === b.tables[i]?.hash)
  )
}
