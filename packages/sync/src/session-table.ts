/**
 * The three conversations between two nodes as tables, state × event, total by type: a new state or event does not
 * compile until every combination is decided. The classes that own the conversations look up here what to do.
 * A node has each of them once per peer; they run side by side, and both nodes may play both parts at once.
 */

type Table<S extends string, E extends string, A extends string> = {
  readonly [state in S]: { readonly [event in E]: { readonly next: S; readonly action: A } }
}

// ── compare (exchange.ts): the initiator of an exchange ──

/** narrowing: the peer has told its buckets, and we the actors of those that differ. */
export type CompareState = 'idle' | 'comparing' | 'narrowing'
/**
 * equal, summary, buckets, refused: answers to the running exchange, a summary whole or narrowed as the state wants it; those to an
 * older one, or out of turn, are `stale`. same-buckets: none of them differs from ours any more.
 */
export type CompareEvent =
  | 'due'
  | 'equal'
  | 'summary'
  | 'buckets'
  | 'same-buckets'
  | 'refused'
  | 'expired'
  | 'stale'
export type CompareAction =
  | 'send-digest'
  | 'settle'
  | 'send-summary'
  | 'send-narrowed'
  | 'finish'
  | 'wait'
  | 'ignore'

export const COMPARE: Table<CompareState, CompareEvent, CompareAction> = {
  idle: {
    due: { next: 'comparing', action: 'send-digest' },
    equal: { next: 'idle', action: 'ignore' },
    summary: { next: 'idle', action: 'ignore' },
    buckets: { next: 'idle', action: 'ignore' },
    'same-buckets': { next: 'idle', action: 'ignore' },
    refused: { next: 'idle', action: 'ignore' },
    expired: { next: 'idle', action: 'ignore' },
    stale: { next: 'idle', action: 'ignore' },
  },
  comparing: {
    due: { next: 'comparing', action: 'ignore' },
    equal: { next: 'idle', action: 'settle' },
    summary: { next: 'idle', action: 'send-summary' },
    buckets: { next: 'narrowing', action: 'send-narrowed' },
    'same-buckets': { next: 'idle', action: 'finish' },
    refused: { next: 'idle', action: 'wait' },
    expired: { next: 'idle', action: 'wait' },
    stale: { next: 'comparing', action: 'ignore' },
  },
  narrowing: {
    due: { next: 'narrowing', action: 'ignore' },
    equal: { next: 'narrowing', action: 'ignore' },
    summary: { next: 'idle', action: 'finish' },
    buckets: { next: 'narrowing', action: 'ignore' },
    'same-buckets': { next: 'narrowing', action: 'ignore' },
    refused: { next: 'idle', action: 'wait' },
    expired: { next: 'idle', action: 'wait' },
    stale: { next: 'narrowing', action: 'ignore' },
  },
}

// ── fetch (fetch.ts): who lacks something ──

export type FetchState = 'idle' | 'asking'
/**
 * batch, last-batch, refused: answers to the open request; those to an older one are `stale`. unanswered: nothing of the answer has
 * come for a while. expired: nothing has for so long that it is given up.
 */
export type FetchEvent = 'needed' | 'batch' | 'last-batch' | 'refused' | 'unanswered' | 'expired' | 'stale'
export type FetchAction = 'send-request' | 'repeat-request' | 'go-on' | 'finish' | 'wait' | 'ignore'

export const FETCH: Table<FetchState, FetchEvent, FetchAction> = {
  idle: {
    needed: { next: 'asking', action: 'send-request' },
    batch: { next: 'idle', action: 'ignore' },
    'last-batch': { next: 'idle', action: 'ignore' },
    refused: { next: 'idle', action: 'ignore' },
    unanswered: { next: 'idle', action: 'ignore' },
    expired: { next: 'idle', action: 'ignore' },
    stale: { next: 'idle', action: 'ignore' },
  },
  asking: {
    needed: { next: 'asking', action: 'ignore' },
    batch: { next: 'asking', action: 'go-on' },
    'last-batch': { next: 'idle', action: 'finish' },
    refused: { next: 'idle', action: 'wait' },
    unanswered: { next: 'asking', action: 'repeat-request' },
    expired: { next: 'idle', action: 'wait' },
    stale: { next: 'asking', action: 'ignore' },
  },
}

// ── serve (serve.ts): who has it ──

/** paused: the peer is to send credits. waiting: its budget, or that of all, is spent for the moment. */
export type ServeState = 'idle' | 'reading' | 'paused' | 'waiting'
/**
 * read-rest, read-closed, read-spent, read-all: the store answered; there is a rest with credits, with credits and no budget, without
 * credits, or none. credited, credited-closed: with budget, and without. opened: there is budget again.
 */
export type ServeEvent =
  | 'requested'
  | 'read-rest'
  | 'read-closed'
  | 'read-spent'
  | 'read-all'
  | 'failed'
  | 'credited'
  | 'credited-closed'
  | 'opened'
  | 'expired'
export type ServeAction =
  | 'read'
  | 'replace'
  | 'send-last'
  | 'send-and-read'
  | 'send'
  | 'wait'
  | 'give-up'
  | 'add'
  | 'ignore'

export const SERVE: Table<ServeState, ServeEvent, ServeAction> = {
  idle: {
    requested: { next: 'reading', action: 'read' },
    'read-rest': { next: 'idle', action: 'ignore' },
    'read-closed': { next: 'idle', action: 'ignore' },
    'read-spent': { next: 'idle', action: 'ignore' },
    'read-all': { next: 'idle', action: 'ignore' },
    failed: { next: 'idle', action: 'ignore' },
    credited: { next: 'idle', action: 'ignore' },
    'credited-closed': { next: 'idle', action: 'ignore' },
    opened: { next: 'idle', action: 'ignore' },
    expired: { next: 'idle', action: 'ignore' },
  },
  reading: {
    requested: { next: 'reading', action: 'replace' },
    'read-rest': { next: 'reading', action: 'send-and-read' },
    'read-closed': { next: 'waiting', action: 'wait' },
    'read-spent': { next: 'paused', action: 'send' },
    'read-all': { next: 'idle', action: 'send-last' },
    failed: { next: 'idle', action: 'give-up' },
    credited: { next: 'reading', action: 'add' },
    'credited-closed': { next: 'reading', action: 'add' },
    opened: { next: 'reading', action: 'ignore' },
    expired: { next: 'idle', action: 'give-up' },
  },
  paused: {
    requested: { next: 'reading', action: 'read' },
    'read-rest': { next: 'paused', action: 'ignore' },
    'read-closed': { next: 'paused', action: 'ignore' },
    'read-spent': { next: 'paused', action: 'ignore' },
    'read-all': { next: 'paused', action: 'ignore' },
    failed: { next: 'paused', action: 'ignore' },
    credited: { next: 'reading', action: 'read' },
    'credited-closed': { next: 'waiting', action: 'wait' },
    opened: { next: 'paused', action: 'ignore' },
    expired: { next: 'idle', action: 'give-up' },
  },
  waiting: {
    requested: { next: 'reading', action: 'read' },
    'read-rest': { next: 'waiting', action: 'ignore' },
    'read-closed': { next: 'waiting', action: 'ignore' },
    'read-spent': { next: 'waiting', action: 'ignore' },
    'read-all': { next: 'waiting', action: 'ignore' },
    failed: { next: 'waiting', action: 'ignore' },
    credited: { next: 'reading', action: 'read' },
    'credited-closed': { next: 'waiting', action: 'wait' },
    opened: { next: 'reading', action: 'read' },
    expired: { next: 'waiting', action: 'wait' },
  },
}
