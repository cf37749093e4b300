/**
 * EtaTemplates: Eta as this product uses it. Nothing is escaped, a line that holds only code leaves no line, includes are
 * relative to the file that includes, and every error says file and line of the template, not of the code made of it.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import { compileFunction } from 'node:vm'
import { Eta, type EtaConfig } from 'eta'
import { printed } from './core/words.ts'
import { fileStamp } from './file-stamp.ts'
import type { FileStamp, RenderFailure } from './render-message.ts'

/** Different files of one render. */
const FILES_MAX = 1_000

/** An error with its place in a template. */
export class TemplateError extends Error {
  readonly failure: RenderFailure
  constructor(failure: RenderFailure) {
    super(failure.message)
    this.failure = failure
  }
}

interface Compiled {
  readonly text: string
  readonly run: TemplateFunction
}

type TemplateFunction = ReturnType<Eta['compile']>
type Place = { file: string; line: number }
type Tree = ReturnType<Eta['parse']>

export class EtaTemplates extends Eta {
  /** Files read by the running render. */
  readonly #files = new Map<string, string | null>()
  /** By path, as it was last read: a file that stays is compiled once. */
  readonly #compiled = new Map<string, Compiled>()
  /** Line of generated code → line of the template, by path. */
  readonly #lines = new Map<string, readonly number[]>()
  readonly #digest: string[] = []
  /** The tag that began last. */
  readonly #place: Place = { file: '', line: 0 }
  #parsed = ''

  constructor() {
    super({
      autoEscape: false,
      autoFilter: true,
      autoTrim: false,
      debug: true,
      filterFunction: (value) => (value instanceof Date ? value.toISOString() : printed(value)),
      // Not `this.at` in the marks: code inside of a function of the template has another `this`.
      functionHeader: `'use strict';const __at=(line)=>this.at(options.filepath,line);`,
    })
    this.config.plugins = [
      {
        processTemplate: (text: string): string => {
          this.#parsed = text
          return text
        },
        processAST: (tree: Tree): Tree => {
          placeTags(tree, this.#parsed, this.config)
          return withoutCodeLines(tree)
        },
        processFnString: (code: string): string => code.replace(LINE_MARK, '__eta.line=__at($1);'),
      },
    ]
  }

  /** Called by the code of templates as each tag begins. */
  at(file: string, line: number): number {
    this.#place.file = file
    this.#place.line = line
    return line
  }

  get place(): Readonly<Place> {
    return this.#place
  }

  /** Renders a file. Throws TemplateError. What it read is told by `files` and `digest`, also where it throws. */
  renderFile(path: string, values: object): string {
    this.#files.clear()
    this.#digest.length = 0
    this.at(path, 1)
    return this.render(path, values)
  }

  files(): FileStamp[] {
    return [...this.#files].map(([path, stamp]) => ({ path, stamp }))
  }

  digest(): string {
    return createHash('sha256').update(this.#digest.join('\0')).digest('hex')
  }

  /** The text of a file that the output depends on. Relative paths are relative to the template that runs. */
  readText(name: string): string {
    const path = resolve(dirname(this.#place.file), name)
    return this.#read(path)
  }

  override resolvePath = (name: string, options?: { readonly filepath?: string }): string => {
    // The template itself is where the caller says.
    if (options?.filepath === undefined) return resolve(name)
    return resolve(dirname(options.filepath), extname(name) === '' ? `${name}.eta` : name)
  }

  override readFile = (path: string): string => {
    const text = this.#read(path)
    this.#digest.push(path, text)
    return text
  }

  override compile = (text: string, options?: { readonly filepath?: string }): TemplateFunction => {
    const path = options?.filepath ?? ''
    const known = this.#compiled.get(path)
    if (known?.text === text) return known.run
    const code = this.#translate(text, path)
    if (this.#compiled.size >= FILES_MAX) {
      this.#compiled.clear()
      this.#lines.clear()
    }
    this.#lines.set(path, lineMap(code))
    let run: TemplateFunction
    try {
      run = compileFunction(code, ['it', 'options'], { filename: path }) as TemplateFunction
    } catch (cause) {
      throw this.#placed(cause, { file: path, line: 1 })
    }
    this.#compiled.set(path, { text, run })
    return run
  }

  /** Eta calls it with what a template threw; the innermost template has the place. */
  override RuntimeErr = (cause: Error, _text: string, line: number, file: string): never => {
    throw this.#placed(cause, { file, line })
  }

  #read(path: string): string {
    if (this.#files.size >= FILES_MAX) throw new Error(`a render reads more than ${FILES_MAX} files`)
    // Before the text: a change between the two is then seen as a change.
    this.#files.set(path, fileStamp(path))
    return readFileSync(path, 'utf8')
  }

  #translate(text: string, path: string): string {
    try {
      return this.compileToString(text)
    } catch (cause) {
      const { message } = cause as Error
      const line = Number(/ at line (\d+) col \d+/.exec(message)?.[1] ?? 1)
      throw new TemplateError({ message: message.replace(/ at line [\s\S]*/, ''), file: path, line })
    }
  }

  #placed(cause: unknown, tag: Place): TemplateError {
    if (cause instanceof TemplateError) return cause
    if (!(cause instanceof Error)) return new TemplateError({ message: String(cause), ...tag })
    return new TemplateError({ message: `${nameOf(cause)}${cause.message}`, ...this.#placeIn(cause, tag) })
  }

  /** The line in the stack that is nearest to the error, else the tag's. */
  #placeIn({ stack = '' }: Error, tag: Place): Place {
    const at = stack.indexOf(`${tag.file}:`)
    const generated = Number(/^\d+/.exec(stack.slice(at + tag.file.length + 1))?.[0] ?? 0)
    const line = at < 0 ? undefined : this.#lines.get(tag.file)?.[generated]
    return line === undefined ? tag : { file: tag.file, line }
  }
}

/** Plain errors speak for themselves; others are easier to understand with their kind. */
function nameOf({ name }: Error): string {
  return name === 'Error' ? '' : `${name}: `
}

const LINE_MARK = /^__eta\.line=(\d+)$/gm
const MARKED = /^__eta\.line=__at\((\d+)\);$/

/** Lines that no tag has. */
const OF_ETA = /^(?:__eta\.res\+='|if \(__eta\.layout\))/

/** Index: line of the code, from 1. Code keeps the line ends of the tag that it comes from. */
function lineMap(code: string): number[] {
  const lines: number[] = []
  let line: number | undefined
  let lastCode = 1
  for (const [at, text] of code.split('\n').entries()) {
    const mark = MARKED.exec(text)?.[1]
    if (mark !== undefined) line = Number(mark)
    else if (line !== undefined) {
      if (text !== '' && !OF_ETA.test(text)) lastCode = line
      // Code that is not complete is noticed in what Eta writes behind it.
      lines[at + 1] = OF_ETA.test(text) ? lastCode : line
      line += 1
    }
  }
  return lines
}

/** Eta numbers a tag by its `<%`; code may begin lines below. */
function placeTags(tree: Tree, text: string, { tags }: EtaConfig): void {
  let at = 0
  for (const node of tree) {
    if (typeof node === 'string') continue
    const opens = text.indexOf(tags[0], at) + tags[0].length
    const begins = text.indexOf(node.val, opens)
    node.lineNo = text.slice(0, begins).split('\n').length
    at = text.indexOf(tags[1], begins + node.val.length) + tags[1].length
  }
}

/** The end of a line and blanks, as they stand in Eta's tree: an escaped line feed, and no escaped backslash before an n. */
const LINE_BEGINS = /(?:^|(?<!\\)(?:\\\\)*\\n)[ \t]*$/
const LINE_ENDS = /^[ \t]*(?:\\n|$)/

/** Takes the blanks and the line end around code that has its lines for itself. */
function withoutCodeLines(tree: Tree): Tree {
  const alone = tree.map((node, i) => {
    if (typeof node === 'string' || node.t !== 'e') return false
    const [before, behind] = [tree[i - 1] ?? '', tree[i + 1] ?? '']
    return (
      isText(before) &&
      isText(behind) &&
      beginsLine(before, i === 1 || i === 0) &&
      endsLine(behind, i >= tree.length - 2)
    )
  })
  return tree
    .map((node, i) => {
      if (typeof node !== 'string') return node
      const trimmed = alone[i - 1] === true ? node.replace(/^[ \t]*\\n/, '') : node
      return alone[i + 1] === true ? trimmed.replace(/[ \t]*$/, '') : trimmed
    })
    .filter((node) => node !== '')
}

function isText(node: Tree[number]): node is string {
  return typeof node === 'string'
}

/** `first`: nothing else stands before the text. */
function beginsLine(text: string, first: boolean): boolean {
  const match = LINE_BEGINS.exec(text)
  return match !== null && (first || match[0].includes('n'))
}

/** `last`: nothing else stands behind it. */
function endsLine(text: string, last: boolean): boolean {
  const match = LINE_ENDS.exec(text)
  return match !== null && (last || match[0].endsWith('n'))
}
