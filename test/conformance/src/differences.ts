/**
 * Where Patina answers otherwise than superfly/corrosion on purpose: what the original does, what we do, and why no
 * client breaks by it. A difference that no row of the table names is a finding of the table's own test.
 */

export interface Difference {
  readonly original: string
  readonly patina: string
  readonly because: string
}

export const DIFFERENCES = {
  code: {
    original: 'an error has the key `error` alone',
    patina: 'it also has `code`, a word that stays the same',
    because: 'programs need not match sentences; clients ignore a key that they do not know',
  },
  'refusal-as-json': {
    original: 'a request that cannot be read or is not allowed is refused in plain text or without a body',
    patina: 'the same status, with `error` and `code` as JSON',
    because: 'one form for every refusal; clients of the original look at the status alone',
  },
  'stream-type': {
    original: 'streams have no content-type',
    patina: '`content-type: application/x-ndjson`',
    because: 'proxies and browsers need one; clients of the original do not look at it',
  },
  'error-type': {
    original: 'errors of queries and subscriptions have no content-type',
    patina: '`content-type: application/json`',
    because: 'it is JSON',
  },
  'retry-after': {
    original: '503 alone',
    patina: '503 with `retry-after`',
    because: 'a client can tell how long to wait',
  },
  sentence: {
    original: "errors of SQLite are wrapped (`rusqlite: … (actor_id: None, version: None)`) or Rust's own",
    patina: "SQLite's sentence, or ours, as it is",
    because: 'the wrapping names a library that is not there; the original promises no sentence',
  },
  forbidden: {
    original: 'any SQL is taken',
    patina:
      '400 with a sentence and a code for DDL, pragmas, ATTACH, transaction control and internal tables',
    because: 'they would break replication or the other clients of the agent',
  },
  'one-statement': {
    original: 'what follows the first statement of a text is ignored',
    patina: '400 with a sentence and a code',
    because: 'ignoring what a client wrote hides its mistake',
  },
  'json-parameters': {
    original: 'objects and arrays of other values are meant to bind as JSON text and are refused (422)',
    patina: 'they bind as JSON text',
    because: 'what the original intends',
  },
  returning: {
    original: 'a statement with RETURNING in a transaction is 500',
    patina: 'it runs, and its rows are dropped',
    because: 'it is a write like any other, and what it returns can be asked for with a query',
  },
  'replaced-text': {
    original: 'a TEXT that is not UTF-8 ends a result with an error line',
    patina: 'what is not UTF-8 in it is U+FFFD',
    because: 'one bad cell does not keep a client from all others; no client can write one as a parameter',
  },
  'prepared-first': {
    original: 'a statement with wrong parameters fails when it is run (500)',
    patina: '400: statement and parameters are looked at before anything runs',
    because: 'the request is at fault, and trying again does not help',
  },
  'late-columns': {
    original: '200 and the columns are sent before a query runs, so its errors are lines',
    patina: 'a query that fails before its first bytes are out is a status',
    because: 'clients treat both as a failed query; a status is seen by proxies and logs',
  },
  'not-yet': {
    original: 'the route exists',
    patina: '404 with an empty body',
    because: 'updates, table_stats and health come with a later part',
  },
  limits: {
    original: 'there is no limit of size',
    patina: '413 above `limits.body_bytes_max` and `limits.statements_max`',
    because: 'memory of the agent is bounded',
  },
  scopes: {
    original: 'one token may do everything',
    patina: 'tokens may have scopes; 403 where the scope is missing',
    because: "the original's single token is still there and may do everything",
  },
  host: {
    original: 'the Host header is not looked at',
    patina: '421 for a name that is not configured',
    because: 'a page in a browser must not reach an agent on loopback by DNS rebinding',
  },
} as const satisfies { readonly [name: string]: Difference }

export type DifferenceName = keyof typeof DIFFERENCES
