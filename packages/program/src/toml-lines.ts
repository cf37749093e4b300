/**
 * Where each key of a TOML text stands, because the parser tells lines of syntax errors only. Reads text that the
 * parser has accepted; keys inside inline tables have the line of the key that holds them.
 */

/** Dotted key → line from 1. Elements of `[[arrays]]` are numbered: `api.tokens.0.name`. Linear in the text. */
export function keyLines(text: string): Map<string, number> {
  const lines = new Map<string, number>()
  const counts = new Map<string, number>()
  let prefix = ''
  let at = 0
  let line = 1
  while (at < text.length) {
    const statement = readStatement(text, at)
    const head = statement.text.trim()
    const startLine = line + linesIn(leadingSpace(statement.text))
    if (head.startsWith('[[')) {
      const name = normalise(head.slice(2, head.indexOf(']]')))
      const index = counts.get(name) ?? 0
      counts.set(name, index + 1)
      prefix = `${name}.${index}`
      lines.set(prefix, startLine)
    } else if (head.startsWith('[')) {
      prefix = normalise(head.slice(1, head.indexOf(']')))
      lines.set(prefix, startLine)
    } else if (head !== '' && !head.startsWith('#')) {
      const name = normalise(head.slice(0, endOfKey(head)))
      lines.set(prefix === '' ? name : `${prefix}.${name}`, startLine)
    }
    line += linesIn(text.slice(at, statement.end))
    at = statement.end
  }
  return lines
}

/** The line of the key, or of the nearest table around it. */
export function lineOf(lines: ReadonlyMap<string, number>, key: string): number | undefined {
  for (let name = key; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const line = lines.get(name)
    if (line !== undefined) return line
  }
  return undefined
}

/** From `start` to the end of the line on which brackets and strings are closed. */
function readStatement(text: string, start: number): { readonly text: string; readonly end: number } {
  let depth = 0
  let at = start
  while (at < text.length) {
    const char = text[at] as string
    if (char === '"' || char === "'") {
      at = endOfString(text, at)
      continue
    }
    if (char === '#') {
      at = endOfLine(text, at)
      continue
    }
    if (char === '[' || char === '{') depth += 1
    if (char === ']' || char === '}') depth -= 1
    at += 1
    if (char === '\n' && depth <= 0) break
  }
  return { text: text.slice(start, at), end: at }
}

function endOfString(text: string, start: number): number {
  const quote = text[start] as string
  const fence = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote
  let at = start + fence.length
  while (at < text.length && !text.startsWith(fence, at)) at += quote === '"' && text[at] === '\\' ? 2 : 1
  return at + fence.length
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end === -1 ? text.length : end
}

/** The `=` that ends the key; quoted parts may hold one. */
function endOfKey(head: string): number {
  let at = 0
  while (at < head.length && head[at] !== '=')
    at = head[at] === '"' || head[at] === "'" ? endOfString(head, at) : at + 1
  return at
}

/** `a . "b"` → `a.b`. */
function normalise(key: string): string {
  return key
    .split('.')
    .map((part) => part.trim().replace(/^["']|["']$/g, ''))
    .join('.')
}

function leadingSpace(text: string): string {
  return text.slice(0, text.length - text.trimStart().length)
}

function linesIn(text: string): number {
  return text.split('\n').length - 1
}
