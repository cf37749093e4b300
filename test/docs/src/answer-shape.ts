/**
 * Does an answer have the shape that a page shows? `…` stands for any text, in a JSON string too; a number with a fraction
 * in the page stands for any number, because times differ; the key "…" stands for further keys. All else is compared as
 * it is: a page that shows a wrong version or a wrong name is a wrong page.
 */

/** What differs, as a sentence with the path to it; undefined where nothing does. */
export function objectionTo(shown: string, got: string): string | undefined {
  const [wanted, there] = [parsed(shown), parsed(got)]
  if (wanted !== undefined && there !== undefined) return compare(wanted.value, there.value, '$')
  return matchesText(shown, got) ? undefined : `the page shows ${shown}, the answer is ${got}`
}

/** As text: `…` stands for any, and white space counts once. */
export function shownPattern(shown: string): string {
  return shown.trim().split('…').map(escaped).join('.*?')
}

function escaped(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('\\s+')
}

function matchesText(shown: string, got: string): boolean {
  return new RegExp(`^${shownPattern(shown)}$`, 's').test(got.trim())
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

const MORE = '…'

function compare(shown: unknown, got: unknown, path: string): string | undefined {
  const differs = `${path}: the page shows ${JSON.stringify(shown)}, the answer has ${JSON.stringify(got)}`
  if (typeof shown === 'string')
    return typeof got === 'string' && matchesText(shown, got) ? undefined : differs
  if (typeof shown === 'number' && !Number.isInteger(shown))
    return typeof got === 'number' ? undefined : differs
  if (Array.isArray(shown)) {
    if (!Array.isArray(got) || got.length !== shown.length) return differs
    return firstOf(shown.map((item, i) => compare(item, got[i], `${path}[${i}]`)))
  }
  if (typeof shown !== 'object' || shown === null) return shown === got ? undefined : differs
  if (typeof got !== 'object' || got === null || Array.isArray(got)) return differs
  return compareKeys(shown as Fields, got as Fields, path)
}

type Fields = Readonly<Record<string, unknown>>

function compareKeys(shown: Fields, got: Fields, path: string): string | undefined {
  const known = Object.keys(shown).filter((key) => key !== MORE)
  const missing = known.find((key) => !Object.hasOwn(got, key))
  if (missing !== undefined) return `${path}: the answer has no ${missing}`
  const further = Object.keys(got).find((key) => !known.includes(key))
  if (further !== undefined && !Object.hasOwn(shown, MORE))
    return `${path}: the page does not show ${further}`
  return firstOf(known.map((key) => compare(shown[key], got[key], `${path}.${key}`)))
}

function firstOf(objections: readonly (string | undefined)[]): string | undefined {
  return objections.find((objection) => objection !== undefined)
}
