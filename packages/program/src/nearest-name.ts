/** The known name nearest to one that somebody mistyped, for error messages. */

/** By edit distance over whole names and over their last parts; undefined where nothing is near. Linear in `known`. */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const name of known) {
    const whole = editDistance(typed, name)
    // A right name in the wrong table: `path` for `db.path`.
    const distance = lastPart(typed) === lastPart(name) ? Math.min(whole, 2) : whole
    if (best === undefined || distance < best.distance) best = { name, distance }
  }
  return best !== undefined && best.distance <= Math.max(2, Math.floor(typed.length / 3))
    ? best.name
    : undefined
}

/** Levenshtein distance, one row at a time; names are cut to 64 characters. */
export function editDistance(a: string, b: string): number {
  const [left, right] = [a.slice(0, 64), b.slice(0, 64)]
  let previous = Array.from({ length: right.length + 1 }, (_, i) => i)
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (previous[j - 1] as number) + (left[i - 1] === right[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (previous[j] as number) + 1, (row[j - 1] as number) + 1))
    }
    previous = row
  }
  return previous[right.length] as number
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
