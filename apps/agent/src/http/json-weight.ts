/**
 * What a JSON text would cost to be parsed, told by its punctuation before anybody parses it: a body of 64 MiB can hold thirty
 * million values, and a loop that parses them answers no probe meanwhile (I-SQL-2). Counts too many where the text is no JSON; the
 * parser has the last word then.
 */

/** A transaction of 100,000 statements has two arrays for each; what is more are objects and arrays of parameters. */
const CONTAINERS_MAX = 1_000_000
/** The largest blob is an array of 16,777,216 bytes. */
const VALUES_MAX = 20_000_000
/** Where each number is looked at in the text (json-body.ts), which takes fifteen times as long. */
const EXACT_VALUES_MAX = 4_000_000
/** No shorter text can pass a limit: a value takes two characters. */
const LIGHT_CHARS = 2 * Math.min(CONTAINERS_MAX, EXACT_VALUES_MAX)

/** A sentence where a text has more values than a loop can take; about 1 ns a character, nothing for a short text. */
export function refuseWeight(text: string, exact: boolean): string | undefined {
  if (text.length < LIGHT_CHARS) return undefined
  const { containers, commas } = countOutsideTexts(text)
  const values = containers + commas
  const valuesMax = exact ? EXACT_VALUES_MAX : VALUES_MAX
  if (containers > CONTAINERS_MAX)
    return `the body has more than ${CONTAINERS_MAX} arrays and objects; split it`
  if (values > valuesMax) return `the body has more than ${valuesMax} values; split it`
  return undefined
}

function countOutsideTexts(text: string): { readonly containers: number; readonly commas: number } {
  let [containers, commas] = [0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) at = lastOfText(text, at)
    else if (unit === COMMA) commas += 1
    else if (unit === ARRAY || unit === OBJECT) containers += 1
  }
  return { containers, commas }
}

const [QUOTE, COMMA, ARRAY, OBJECT, BACKSLASH] = [0x22, 0x2c, 0x5b, 0x7b, 0x5c]

/** The quote that ends the text which begins at `from`; the end of all where nothing ends it. */
function lastOfText(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === BACKSLASH) at += 1
    else if (unit === QUOTE) return at
  }
  return text.length
}
