/**
 * The three conversations between two nodes as tables, state × event, total by type: a new state or event does not
 * compile until every combination is decided. The classes that own the conversations look up here what to do.
 * A node has each of them once per peer; they run side by side, and both nodes may play both parts at once.
 */

type Table<S extends string, E extends string, A extends string> = {
  readonly [state in S]: { readonly [event in E]: { readonly next: S; readonly action: A } }
}

// ── compare (exchange.ts): the initiator of an exchange ──

export type CompareState = 'idle' | 'comparing'
/** equal, summary, refused: answers to the running exchange; those to an older one are `stale`. */
export type CompareEvent = 'due' | 'equal' | 'summary' | 'refused' | 'expired' | 'stale'
export type CompareAction = 'send-digest' | 'settle' | 'send-summary' | 'wait' | 'ignore'

export const COMPARE: Table<CompareState, CompareEvent, CompareAction> = {
  idle: {
    due: { next: 'comparing', action: 'send-digest' },
    equal: { next: 'idle', action: 'ignore' },
    summary: { next: 'idle', action: 'ignore' },
    refused: { next: 'idle', action: 'ignore' },
    expired: { next: 'idle', action: 'ignore' },
    stale: { next: 'idle', action: 'ignore' },
  },
  comparing: {
    due: { next: 'comparing', action: 'ignore' },
    equal: { next: 'idle', action: 'settle' },
    summary: { next: 'idle', action: 'send-summary' },
    refused: { next: 'idle', action: 'wait' },
    expired: { next: 'idle', action: 'wait' },
    stale: { next: 'comparing', action: 'ignore' },
  },
}

// ── fetch (fetch.ts): who lacks something ──

export type FetchState = 'idle' | 'asking'
/** batch, last-batch, refused: answers to the open request; those to an older one are `stale`. */
export type FetchEvent = 'needed' | 'batch' | 'last-batch' | 'refused' | 'expired' | 'stale'
export type FetchAction = 'send-request' | 'go-on' | 'finish' | 'wait' | 'ignore'

export const FETCH: Table<FetchState, FetchEvent, FetchAction> = {
  idle: {
    needed: { next: 'asking', action: 'send-request' },
    batch: { next: 'idle', action: 'ignore' },
    'last-batch': { next: 'idle', action: 'ignore' },
    refused: { next: 'idle', action: 'ignore' },
    expired: { next: 'idle', action: 'ignore' },
    stale: { next: 'idle', action: 'ignore' },
  },
  asking: {
    needed: { next: 'asking', action: 'ignore' },
    batch: { next: 'asking', action: 'go-on' },
    'last-batch': { next: 'idle', action: 'finish' },
    refused: { next: 'idle', action: 'wait' },
    expired: { next: 'idle', action: 'wait' },
    stale: { next: 'asking', action: 'ignore' },
  },
}

// ── serve (serve.ts): who has it ──

export type ServeState = 'idle' | 'reading' | 'paused'
/** read-rest, read-spent, read-all: the store answered; there is a rest with credits, a rest without, or none. */
export type ServeEvent =
  | 'requested'
  | 'read-rest'
  | 'read-spent'
  | 'read-all'
  | 'failed'
  | 'credited'
  | 'expired'
export type ServeAction =
  | 'read'
  | 'replace'
  | 'send-last'
  | 'send-and-read'
  | 'send'
  | 'give-up'
  | 'add'
  | 'ignore'

export const SERVE: Table<ServeState, ServeEvent, ServeAction> = {
  idle: {
    requested: { next: 'reading', action: 'read' },
    'read-rest': { next: 'idle', action: 'ignore' },
    'read-spent': { next: 'idle', action: 'ignore' },
    'read-all': { next: 'idle', action: 'ignore' },
    failed: { next: 'idle', action: 'ignore' },
    credited: { next: 'idle', action: 'ignore' },
    expired: { next: 'idle', action: 'ignore' },
  },
  reading: {
    requested: { next: 'reading', action: 'replace' },
    'read-rest': { next: 'reading', action: 'send-and-read' },
    'read-spent': { next: 'paused', action: 'send' },
    'read-all': { next: 'idle', action: 'send-last' },
    failed: { next: 'idle', action: 'give-up' },
    credited: { next: 'reading', action: 'add' },
    expired: { next: 'idle', action: 'give-up' },
  },
  paused: {
    requested: { next: 'reading', action: 'read' },
    'read-rest': { next: 'paused', action: 'ignore' },
    'read-spent': { next: 'paused', action: 'ignore' },
    'read-all': { next: 'paused', action: 'ignore' },
    failed: { next: 'paused', action: 'ignore' },
    credited: { next: 'reading', action: 'read' },
    expired: { next: 'idle', action: 'give-up' },
  },
}
