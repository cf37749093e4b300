/**
 * SourceText: a TypeScript source with its comments, and also its strings, blanked out, so that rules can search for
 * names without finding them in prose. Blanks keep every offset and every line. A scanner, not a parser: the compiler
 * in use offers no syntax tree to programs. It knows comments, strings, templates with nested code, and regular
 * expressions where an operand may stand; it does not know types, and JSX does not occur.
 */

export interface SourceText {
  readonly text: string
  /** Comments are blanks. */
  readonly uncommented: string
  /** Comments, and what strings, templates and regular expressions contain, are blanks. */
  readonly code: string
}

type Kind = 'code' | 'comment' | 'literal'

/** The words after which `/` begins a regular expression although they end like a name. */
const OPERAND_FOLLOWS = /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|await|yield)$/

export function scanSource(text: string): SourceText {
  const scanner = new Scanner(text)
  const kinds = scanner.run()
  return {
    text,
    uncommented: blank(text, (at) => kinds[at] === 'comment'),
    code: blank(text, (at) => kinds[at] !== 'code'),
  }
}

/** The line, from 1, of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

function blank(text: string, isBlank: (at: number) => boolean): string {
  let out = ''
  for (let at = 0; at < text.length; at += 1)
    out += isBlank(at) && text[at] !== '\n' ? ' ' : (text[at] as string)
  return out
}

class Scanner {
  readonly #text: string
  readonly #kinds: Kind[]
  #at = 0
  /** Depth of braces at which each open `${` ends. */
  readonly #templates: number[] = []
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#kinds = new Array<Kind>(text.length).fill('code')
  }

  run(): readonly Kind[] {
    while (this.#at < this.#text.length) this.#step()
    return this.#kinds
  }

  #step(): void {
    const two = this.#text.slice(this.#at, this.#at + 2)
    const char = two[0] as string
    if (two === '//' || (two === '#!' && this.#at === 0)) this.#mark('comment', this.#find('\n', 0))
    else if (two === '/*') this.#mark('comment', this.#find('*/', 2))
    else if (char === "'" || char === '"') this.#literal(this.#endOfQuoted(char))
    else if (char === '`') this.#template(this.#at + 1)
    else if (char === '/' && this.#operandMayStand()) this.#literal(this.#endOfRegExp())
    else this.#character(char)
  }

  /** One character of code. Only braces matter, because one of them ends the code inside a template. */
  #character(char: string): void {
    if (char === '{') this.#depth += 1
    if (char === '}') this.#depth -= 1
    this.#at += 1
    if (char !== '}' || this.#templates.at(-1) !== this.#depth) return
    this.#templates.pop()
    this.#template(this.#at)
  }

  /** From `start`, inside a template, to its end or to the next `${`. */
  #template(start: number): void {
    let end = start
    while (end < this.#text.length && this.#text[end] !== '`' && !this.#text.startsWith('${', end))
      end += this.#text[end] === '\\' ? 2 : 1
    this.#at = start
    this.#mark('literal', end)
    if (this.#text[end] === '`') this.#at = end + 1
    else if (end < this.#text.length) {
      this.#templates.push(this.#depth)
      this.#depth += 1
      this.#at = end + 2
    }
  }

  /** Quotes stay, what is between them goes. */
  #literal(end: number): void {
    this.#at += 1
    this.#mark('literal', end - 1)
    this.#at = end
  }

  #mark(kind: Kind, end: number): void {
    const limit = Math.min(end, this.#text.length)
    this.#kinds.fill(kind, this.#at, limit)
    this.#at = Math.max(this.#at, limit)
  }

  /** Offset behind a quoted string, which ends with its line at the latest. */
  #endOfQuoted(quote: string): number {
    let end = this.#at + 1
    while (end < this.#text.length && this.#text[end] !== quote && this.#text[end] !== '\n')
      end += this.#text[end] === '\\' ? 2 : 1
    return end + 1
  }

  #endOfRegExp(): number {
    let inClass = false
    let end = this.#at + 1
    for (; end < this.#text.length && this.#text[end] !== '\n'; end += 1) {
      const char = this.#text[end]
      if (char === '\\') end += 1
      else if (char === '[') inClass = true
      else if (char === ']') inClass = false
      else if (char === '/' && !inClass) break
    }
    return end + 1
  }

  #operandMayStand(): boolean {
    let before = this.#at - 1
    while (before >= 0 && (/\s/.test(this.#text[before] as string) || this.#kinds[before] === 'comment'))
      before -= 1
    if (before < 0) return true
    if (!/[\w$)\]}'"`]/.test(this.#text[before] as string)) return true
    return OPERAND_FOLLOWS.test(this.#text.slice(Math.max(0, before - 10), before + 1))
  }

  #find(mark: string, more: number): number {
    const found = this.#text.indexOf(mark, this.#at + more)
    return found < 0 ? this.#text.length : found + more
  }
}
