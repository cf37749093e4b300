/**
 * The difference of two results as multisets of rows. A row is the text of its cells, as a client reads it; equal rows are
 * interchangeable, and keep the numbers that they have. What is left over on both sides is a delete and an insert, or one
 * update where both rows bear the same identity (row-identity.ts) and no other row left over does.
 * Replaying the changes on the old rows gives exactly the new ones (I-LIVE-1). Pure, and the same for every order of rows
 * in the new result but for which number a new row gets.
 */

export interface StoredRow {
  readonly rowId: number
  readonly cells: string
  /** undefined: the statement proves none. */
  readonly identity: string | undefined
}

export interface FreshRow {
  readonly cells: string
  readonly identity: string | undefined
}

export type ChangeKind = 'insert' | 'update' | 'delete'

/** A delete carries the cells that the row had. */
export interface RowChangeEvent extends StoredRow {
  readonly kind: ChangeKind
}

/**
 * Deletes, then updates, both by row number; then inserts in the order of the result, numbered from `nextRowId` on.
 * So a client that mirrors a unique key meets no two rows of one key, unless two rows swap theirs.
 */
export function diffResults(
  stored: Iterable<StoredRow>,
  fresh: readonly FreshRow[],
  nextRowId: number,
): RowChangeEvent[] {
  const { gone, come } = leftOver(stored, fresh)
  if (gone.length === 0 && come.length === 0) return []
  const updates = new Map<StoredRow, FreshRow>()
  const updating = new Set<FreshRow>()
  for (const [was, is] of pairs(gone, come)) {
    updates.set(was, is)
    updating.add(is)
  }
  const changes: RowChangeEvent[] = []
  for (const row of gone) if (!updates.has(row)) changes.push({ ...row, kind: 'delete' })
  for (const [was, is] of updates) changes.push({ ...is, kind: 'update', rowId: was.rowId })
  let rowId = nextRowId
  for (const row of come) {
    if (updating.has(row)) continue
    changes.push({ ...row, kind: 'insert', rowId })
    rowId += 1
  }
  return changes
}

/** Rows that only one side has, multiplicities counted; of equal stored rows the last ones go. */
function leftOver(
  stored: Iterable<StoredRow>,
  fresh: readonly FreshRow[],
): { readonly gone: StoredRow[]; readonly come: FreshRow[] } {
  const wanted = new Map<string, number>()
  for (const { cells } of fresh) wanted.set(cells, (wanted.get(cells) ?? 0) + 1)
  const gone: StoredRow[] = []
  for (const row of [...stored].sort((a, b) => a.rowId - b.rowId)) {
    const count = wanted.get(row.cells) ?? 0
    if (count === 0) gone.push(row)
    else wanted.set(row.cells, count - 1)
  }
  const come: FreshRow[] = []
  for (const row of fresh) {
    const count = wanted.get(row.cells) ?? 0
    if (count === 0) continue
    wanted.set(row.cells, count - 1)
    come.push(row)
  }
  return { gone, come }
}

function* pairs(
  gone: readonly StoredRow[],
  come: readonly FreshRow[],
): Generator<readonly [StoredRow, FreshRow]> {
  const arrivals = uniqueByIdentity(come)
  const departures = uniqueByIdentity(gone)
  for (const [identity, was] of departures) {
    const is = arrivals.get(identity)
    if (was !== undefined && is !== undefined) yield [was, is]
  }
}

/** By identity in the order given; undefined where several rows claim it. */
function uniqueByIdentity<Row extends FreshRow>(rows: readonly Row[]): Map<string, Row | undefined> {
  const byIdentity = new Map<string, Row | undefined>()
  for (const row of rows) {
    if (row.identity === undefined) continue
    byIdentity.set(row.identity, byIdentity.has(row.identity) ? undefined : row)
  }
  return byIdentity
}
