/**
 * Hostile statements by the seed: a family's text, spelled in another way that means the same, or damaged so that nobody knows
 * what it means, or grown until it is a bomb. The same generator gives the same statements on every machine.
 */
import type { Prng } from '@patina/base'
import { type Expectation, FAMILIES, type Family, INTERNAL_TABLES } from './fragments.ts'
import { fold, tokensOf } from './tokens.ts'

export interface HostileStatement {
  readonly sql: string
  readonly family: string
  readonly expect: Expectation
  readonly code: string | undefined
}

export function hostileStatement(prng: Prng): HostileStatement {
  if (prng.chance(1, 100)) return { sql: grown(prng), family: 'grown', expect: 'any', code: undefined }
  const family = prng.pick(FAMILIES)
  const sql = respelled(filled(prng.pick(family.texts), prng), prng)
  if (family.isIntact || prng.chance(3, 5))
    return { sql, family: family.name, expect: family.expect, code: family.code }
  return { sql: damaged(sql, prng), family: `${family.name}, damaged`, expect: 'any', code: undefined }
}

/** A family's texts as they stand, for tables of tests. */
export function plainStatements(family: Family, prng: Prng): readonly string[] {
  return family.texts.map((text) => filled(text, prng))
}

function filled(text: string, prng: Prng): string {
  return text.replace(/%[ist](?![a-z(])/g, (blank) => {
    if (blank === '%i') return String(prng.below(40))
    if (blank === '%t') return spelledName(prng.pick(INTERNAL_TABLES), prng)
    return `'${prng.pick(TEXTS).replaceAll("'", "''")}'`
  })
}

const TEXTS: readonly string[] = [
  'k1',
  'k2',
  '',
  "it's",
  '; DROP TABLE items; --',
  '/* */',
  '" OR 1=1',
  '\u00fcn\u00ef \u{1f600}',
  'x\ty\nz',
  '%_*?',
  '\ufeff\u200b\u2028',
  '__patina_meta',
]

/** SQLite takes all of these for one name, a text too where only a name can stand. */
function spelledName(name: string, prng: Prng): string {
  const cased = randomCase(name, prng)
  const isPlain = /^\w+$/.test(name)
  const forms = [
    `"${cased.replaceAll('"', '""')}"`,
    `\`${cased}\``,
    `'${cased}'`,
    ...(cased.includes(']') ? [] : [`[${cased}]`]),
    ...(isPlain ? [cased, cased] : []),
  ]
  return prng.pick(forms)
}

function randomCase(text: string, prng: Prng): string {
  const letters = prng.below(3)
  if (letters === 0) return text
  if (letters === 1) return fold(text)
  return text.replace(/[a-z]/g, (letter) => (prng.chance(1, 2) ? letter.toUpperCase() : letter))
}

/** Means the same to SQLite: letters, blanks, comments, quotes around names, semicolons at the ends. */
function respelled(sql: string, prng: Prng): string {
  if (prng.chance(1, 4)) return sql
  const parts = tokensOf(sql).map(({ kind, text }) => {
    if (kind === 'blank') return text.startsWith('-') ? text : blank(prng)
    if (kind === 'mark' && '(),;'.includes(text) && prng.chance(1, 8))
      return `${blank(prng)}${text}${blank(prng)}`
    if (kind !== 'word') return text
    return QUOTABLE.has(fold(text)) && prng.chance(1, 3) ? quotedName(text, prng) : randomCase(text, prng)
  })
  const before = prng.chance(1, 6) ? prng.pick([';', ' ', '/* x */', '-- ; x\n', ';;', '\t\f']) : ''
  const behind = prng.chance(1, 5)
    ? prng.pick([';', ' ;', '; -- x', ';;;', ' /* x', '\n', '; /* ; */ ;'])
    : ''
  return before + parts.join('') + behind
}

/** Words of the fragments that are names and nothing else. */
const QUOTABLE: ReadonlySet<string> = new Set([
  'items',
  'item_texts',
  'sqlite_schema',
  'sqlite_master',
  'pragma_table_info',
  'pragma_user_version',
  'pragma_database_list',
  'hostile_made',
])

function quotedName(name: string, prng: Prng): string {
  const cased = randomCase(name, prng)
  return prng.pick([`"${cased}"`, `[${cased}]`, `\`${cased}\``])
}

function blank(prng: Prng): string {
  return prng.pick([
    ' ',
    ' ',
    ' ',
    '\n',
    '\t ',
    '\f',
    '\r\n',
    '/**/',
    ' /* ; */ ',
    '/* \' " ` [ */',
    " -- 'x;\n",
    '--\n',
  ])
}

/** One or two changes after which the text may mean anything. */
function damaged(sql: string, prng: Prng): string {
  let text = sql
  for (let i = prng.between(1, 2); i > 0; i -= 1) text = prng.pick(DAMAGES)(text, prng)
  return text
}

const DAMAGED_FAMILIES = FAMILIES.filter(({ isIntact }) => !isIntact)

type Damage = (sql: string, prng: Prng) => string

const DAMAGES: readonly Damage[] = [
  // A token gone, twice, or in the place of another.
  (sql, prng) => joined(sql, prng, () => []),
  (sql, prng) => joined(sql, prng, (token) => [token, ' ', token]),
  (sql, prng) => joined(sql, prng, (token) => [token, ' ', tokenOfAnother(prng), ' ']),
  (sql, prng) => joined(sql, prng, () => [tokenOfAnother(prng)]),
  (sql, prng) => joined(sql, prng, () => [prng.pick(WORDS)]),
  // Two texts in one.
  (sql, prng) => `${sql}${prng.pick(SEAMS)}${textOfAnother(prng)}`,
  (sql, prng) => `${textOfAnother(prng)}${prng.pick(SEAMS)}${sql}`,
  (sql, prng) => `${sql.slice(0, prng.below(sql.length + 1))}${textOfAnother(prng)}`,
  (sql) => `EXPLAIN ${sql}`,
  (sql, prng) => `WITH x AS ( ${textOfAnother(prng)} ) ${sql}`,
  (sql) => `INSERT INTO items ( id ) ${sql}`,
  (sql) => `UPDATE items SET t = ( ${sql} )`,
  (sql) => `SELECT * FROM ( ${sql} )`,
  // A character put in, or one for another that looks like it.
  (sql, prng) => inserted(sql, prng.pick(CHARACTERS), prng),
  (sql, prng) => inserted(sql, prng.pick(CHARACTERS), prng),
  (sql, prng) => lookalike(sql, prng),
  (sql, prng) => sql.slice(0, prng.below(sql.length + 1)),
]

function joined(sql: string, prng: Prng, change: (token: string) => readonly string[]): string {
  const tokens = tokensOf(sql).map(({ text }) => text)
  if (tokens.length === 0) return sql
  const at = prng.below(tokens.length)
  return tokens.flatMap((token, i) => (i === at ? change(token) : [token])).join('')
}

function textOfAnother(prng: Prng): string {
  return filled(prng.pick(prng.pick(DAMAGED_FAMILIES).texts), prng)
}

function tokenOfAnother(prng: Prng): string {
  const tokens = tokensOf(textOfAnother(prng))
  return prng.pick(tokens).text
}

const SEAMS: readonly string[] = [
  ';',
  ' ; ',
  '\0',
  '\0;',
  ';\u00a0',
  '; -- \r',
  '\u037e',
  ' UNION SELECT 1 ; ',
  ') ; ',
  '*/ ; ',
  "' ; ",
]

const WORDS: readonly string[] = [
  ...[
    'TEMP',
    'main',
    'temp',
    'OR ROLLBACK',
    'RETURNING *',
    'INDEXED BY items_t',
    'NOT INDEXED',
    'AS MATERIALIZED',
    'rowid',
  ],
  ...[
    'items__patina_clock',
    '__patina_log',
    'sqlite_schema',
    'NULL',
    "x''",
    '?',
    ':a',
    '@b',
    '$c',
    '?9',
    '->>',
    '()',
    '*',
    '.',
    ';',
  ],
]

const CHARACTERS: readonly string[] = [
  ...[
    '\0',
    '\ud800',
    '\udc00',
    '\ufeff',
    '\u00a0',
    '\u200b',
    '\u2028',
    '\u202e',
    '\u037e',
    '\uff1b',
    '\u02bc',
    '\u2019',
    '\uff07',
    '\v',
  ],
  ...[
    "'",
    '"',
    '`',
    '[',
    ']',
    ';',
    '--',
    '/*',
    '*/',
    '(',
    ')',
    '\\',
    '\r',
    '\x1b',
    '\x7f',
    '\u0085',
    '#',
    '$',
    '\u{e0001}',
  ],
]

function inserted(sql: string, character: string, prng: Prng): string {
  const at = prng.below(sql.length + 1)
  return sql.slice(0, at) + character + sql.slice(at)
}

/** Fullwidth, Cyrillic, Greek, Turkish and mathematical letters; the Kelvin sign folds to k by Unicode, not to SQLite. */
const LOOKALIKES: { readonly [letter: string]: readonly string[] } = {
  a: ['\u0430', '\uff41'],
  e: ['\u0435', '\uff25'],
  i: ['\u0456', '\u0131', '\u0130'],
  k: ['\u212a', '\uff4b'],
  o: ['\u043e', '\u03bf'],
  s: ['\u017f', '\uff33'],
  _: ['\uff3f', '\u203f'],
  t: ['\u{1d42d}'],
}

function lookalike(sql: string, prng: Prng): string {
  const places = [...sql].flatMap((char, at) => (fold(char) in LOOKALIKES ? [at] : []))
  if (places.length === 0) return sql
  const at = prng.pick(places)
  return [...sql]
    .map((char, i) => (i === at ? prng.pick(LOOKALIKES[fold(char)] as readonly string[]) : char))
    .join('')
}

/** Texts that are large by their making: deep, wide, many. */
function grown(prng: Prng): string {
  const times = prng.pick([10, 99, 500, 1_000, 3_000])
  return prng.pick(GROWN)(times)
}

type Growth = (times: number) => string

export const GROWN: readonly Growth[] = [
  (times) => `SELECT ${'('.repeat(times)}1${')'.repeat(times)}`,
  (times) => `INSERT INTO items (id) ${'SELECT * FROM ('.repeat(times)}SELECT 1${')'.repeat(times)}`,
  (times) => `DELETE FROM items WHERE ${'EXISTS (SELECT '.repeat(times)}1${')'.repeat(times)}`,
  (times) => `SELECT ${'CASE WHEN 1 THEN '.repeat(times)}1${' END'.repeat(times)}`,
  (times) => `UPDATE items SET n = ${'NOT '.repeat(times)}1`,
  (times) => `UPDATE items SET n = ${'- '.repeat(times)}1`,
  (times) => `DELETE FROM items WHERE n IN (${'1,'.repeat(times)}7)`,
  (times) => `DELETE FROM items WHERE n IN (${'?,'.repeat(times)}?)`,
  (times) => `INSERT OR IGNORE INTO items (id) VALUES ${"('grown'),".repeat(times)}('grown')`,
  (times) => `SELECT 1 ${'UNION ALL SELECT 1 '.repeat(times)}`,
  (times) => `SELECT 1 WHERE ${'1 AND '.repeat(times)}1`,
  (times) => `SELECT ${"'x'||".repeat(times)}'x'`,
  (times) => `SELECT max(${'1,'.repeat(times)}1)`,
  (times) => `SELECT ${'1,'.repeat(times)}1`,
  (times) => `SELECT 1 FROM ${'items,'.repeat(Math.min(times, 70))}items LIMIT 1`,
  (times) =>
    `WITH ${Array.from({ length: times }, (_, i) => `c${i} AS (SELECT 1)`).join(',')} SELECT * FROM c0`,
  (times) => `${'/* ; */'.repeat(times)}SELECT 1${' -- x\n'.repeat(times)}`,
  (times) => `SELECT json_valid('${'['.repeat(times)}')`,
  (times) => `SELECT "${'x'.repeat(times)}"`,
  (times) => `${'EXPLAIN '.repeat(times)}SELECT 1`,
  (times) => `SELECT 1${';'.repeat(times)}`,
  (times) => `SELECT '${"''".repeat(times)}'`,
]
