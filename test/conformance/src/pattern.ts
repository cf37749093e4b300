/**
 * Patterns of recorded texts: the text itself, with `<places>` for what differs from run to run. Everything else is held
 * to the byte.
 */

/** What may stand at each place. */
const PLACES: { readonly [place: string]: string } = {
  /** Seconds as a JSON number. */
  seconds: String.raw`\d+(?:\.\d+)?(?:e-\d+)?`,
  /** A version that is not null. */
  version: String.raw`[1-9]\d*`,
  actor: '[0-9a-f]{32}',
  uuid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  hash: '[0-9a-f]{16}',
  /** The inside of a JSON text: a sentence that nobody promises. */
  sentence: String.raw`(?:[^"\\]|\\.)+`,
  number: String.raw`\d+`,
  any: String.raw`[\s\S]*`,
}

/** Throws for a place that is not known. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/<([a-z]+)>|[\\^$.*+?()[\]{}|]/g, (found, place: string | undefined) => {
    if (place === undefined) return `\\${found}`
    const inner = PLACES[place]
    if (inner === undefined) throw new Error(`<${place}> is no place of a pattern`)
    return `(?:${inner})`
  })
  return new RegExp(`^${source}$`).test(text)
}
