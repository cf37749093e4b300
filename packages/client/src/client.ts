/**
 * createClient: the agent's HTTP API for programs, in Node and in browsers. It composes the parts: where to send
 * (agents.ts), what to send (statement.ts), how to read it (event.ts, cell.ts). Nothing is cached or queued.
 */
import { Agents, baseUrl } from './agents.ts'
import type { Answer } from './answer.ts'
import type { Cell, CellOptions, TextCell } from './cell.ts'
import { ApiError } from './error.ts'
import { eventReader } from './event.ts'
import { type Member, readMembers } from './member.ts'
import { watchMembers } from './member-watch.ts'
import {
  type LeasedTag,
  type MemberExplanation,
  readExplanation,
  readMemberTags,
  readTag,
  type Tags,
} from './membership.ts'
import { type GivenUp, type MissingVersions, readGivenUp, readMissing, type VersionRange } from './missing.ts'
import { LINE_CHARS_MAX } from './ndjson.ts'
import { Query } from './query.ts'
import {
  type AppliedSchema,
  type PurgeCount,
  readApplied,
  readPurgeCount,
  readReloaded,
  type SchemaReloaded,
} from './schema.ts'
import { readSkew, type SchemaSkew } from './schema-skew.ts'
import { encodeStatement, encodeStatements, type SqlParams, type Statement } from './statement.ts'
import { Subscription } from './subscription.ts'
import { readSyncComparison, readSyncKnowledge, type SyncComparison, type SyncKnowledge } from './sync.ts'
import { type Outcome, readOutcome } from './transaction.ts'

export interface ClientOptions {
  /** `host:port` or http URLs, the preferred one first. */
  readonly addresses: string | readonly string[]
  /** Bearer token; a function is asked before each request, so that a token can be replaced. */
  readonly token?: string | (() => string | undefined) | undefined
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** How long an agent may be silent before its answer and within it. Default 65,000: its own deadline and 5 s. */
  readonly timeoutMs?: number | undefined
  /** How long another agent is used after the first one failed. Default 30,000. */
  readonly stickyMs?: number | undefined
  /** Characters of one line of an answer. Default 128 Mi. */
  readonly lineCharsMax?: number | undefined
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface TimedOptions extends CallOptions {
  /** The deadline at the agent in whole seconds, as the HTTP parameter; 0 is the longest that the agent allows. */
  readonly timeout?: number | undefined
}

export interface QueryOptions extends TimedOptions, CellOptions {
  /** Rows as arrays of cells (the default) or as objects by column name. */
  readonly as?: 'rows' | 'objects' | undefined
  /** Seconds, with decimals: 503 `too-old` where the agent's view of a live member is older. */
  readonly maxAge?: number | undefined
}

export interface ExecuteOptions extends TimedOptions {
  /** Answer when so many other members have it. The agent answers 504 where they do not in time; it stays written. */
  readonly wait?: number | undefined
}

export interface SubscribeOptions extends WatchOptions, CellOptions {
  /** Only the changes after this one, of a subscription that the first address still has. */
  readonly from?: number | undefined
  /** Only the changes after now. */
  readonly skipRows?: boolean | undefined
  /** Begin a new result (a `columns` event) where the changes that follow cannot be had any more. */
  readonly resnapshot?: boolean | undefined
}

export interface WatchOptions extends CallOptions {
  /** Tries in a row that bring nothing before it ends with the last failure. Default 10, about half a minute. */
  readonly attemptsMax?: number | undefined
  /** Silence that means a break, for agents that send lines to keep the connection alive. Default 45,000. */
  readonly silenceMs?: number | undefined
}

export interface ReloadOptions extends CallOptions {
  readonly dryRun?: boolean | undefined
  /** What the files do not name goes, and what they define otherwise changes. Default false. */
  readonly allowDestructive?: boolean | undefined
}

export interface PurgeOptions extends CallOptions {
  /** Only counts. */
  readonly dryRun?: boolean | undefined
  /** One column of the table; absent: all that the agent's schema lacks of it. */
  readonly column?: string | undefined
}

export interface KnowledgeOptions extends CallOptions {
  /** Of this actor only, with all its gaps. */
  readonly actor?: string | undefined
}

export interface TagOptions extends CallOptions {
  /** How long the tag stands unless it is set again. The agent's default: 30,000. */
  readonly leaseMs?: number | undefined
}

type AsText = { readonly numbers: 'text' }

export interface Client {
  /** A SELECT. Nothing is sent before its first use. */
  query(
    sql: string,
    params: SqlParams | undefined,
    options: QueryOptions & AsText,
  ): Query<readonly TextCell[]>
  query<Row extends object = Record<string, Cell>>(
    sql: string,
    params: SqlParams | undefined,
    options: QueryOptions & { readonly as: 'objects' },
  ): Query<Row>
  query(sql: string, params?: SqlParams, options?: QueryOptions): Query<readonly Cell[]>
  /** One transaction, at most one version. Sent to another agent only where the first one cannot have done it. */
  execute(statements: readonly Statement[], options?: ExecuteOptions): Promise<Outcome>
  members(options?: CallOptions): Promise<readonly Member[]>
  /** The agent has joined and caught up, and its live results too (`GET /readyz`). True where it is of a kind that does not say. */
  isReady(options?: CallOptions): Promise<boolean>
  /** Why the agent believes of a member what it believes. */
  explainMember(actor: string, options?: CallOptions): Promise<MemberExplanation>
  /** All tags of a member, also long ones, for which the agent asks that member: up to 16 s. */
  memberTags(actor: string, options?: CallOptions): Promise<Tags>
  /** A tag of the agent's own member, seen by the whole cluster. It ends with its lease; setting it again renews it. */
  setTag(key: string, value: string, options?: TagOptions): Promise<LeasedTag>
  deleteTag(key: string, options?: CallOptions): Promise<void>
  /** The agent tells all others that it leaves; its own API goes on. Final until it is started again. */
  leaveCluster(options?: CallOptions): Promise<void>
  /** Changes of this actor are not broadcast any more, by nobody; they come by anti-entropy. */
  muteMember(actor: string, options?: CallOptions): Promise<void>
  unmuteMember(actor: string, options?: CallOptions): Promise<void>
  /** What the agent holds of each actor, or of one, and how it and its peers stand. */
  syncKnowledge(options?: KnowledgeOptions): Promise<SyncKnowledge>
  /** What the agent and a member that it is connected with lack of each other; moves nothing. */
  compareWith(peer: string, options?: CallOptions): Promise<SyncComparison>
  /** The agent compares itself with a member, or with all, at once, and both fetch what they lack. Does not wait for that. */
  reconcile(peer?: string, options?: CallOptions): Promise<void>
  /** The agent asks its seeds at once. */
  rejoinCluster(options?: CallOptions): Promise<void>
  /** Which versions of whom the agent knows of and does not hold, and which are given up. */
  missingVersions(options?: CallOptions): Promise<readonly MissingVersions[]>
  /** Declares lost for good what the agent misses of a writer that is gone; without `versions` all that nobody connected holds. */
  giveUpVersions(actor: string, versions?: readonly VersionRange[], options?: CallOptions): Promise<GivenUp>
  /** The agent reads its schema files again and applies them; with `dryRun` it only tells what that would change. */
  reloadSchema(options?: ReloadOptions): Promise<SchemaReloaded>
  /** Which tables are not the same at the members that the agent is connected with. */
  schemaSkew(options?: CallOptions): Promise<SchemaSkew>
  /** The schema of the agent, and what a change of it has left to do. */
  schema(options?: CallOptions): Promise<AppliedSchema>
  /** The agent forgets what it holds of a table, or of columns, that its schema lacks; in slices, after the answer. */
  purge(table: string, options?: PurgeOptions): Promise<PurgeCount>
  /** The whole list at once and after each change, across breaks of the connection. */
  watchMembers(options?: WatchOptions): AsyncGenerator<readonly Member[], never, undefined>
  /** A SELECT and each change of its result. Nothing is sent before the first event is asked for. */
  subscribe(statement: Statement, options: SubscribeOptions & AsText): Subscription<TextCell>
  subscribe(statement: Statement, options?: SubscribeOptions): Subscription<Cell>
}

const TIMEOUT_MS = 65_000
const STICKY_MS = 30_000
const SILENCE_MS = 45_000
const ATTEMPTS_MAX = 10
/** For the way there and back, on top of a deadline at the agent. */
const GRACE_MS = 5_000

/** Throws TypeError for addresses that are none. */
export function createClient(options: ClientOptions): Client {
  // What a row or a cell is depends on the options of the call; the overloads of Client say how.
  return new HttpClient(options) as Client
}

class HttpClient {
  readonly #agents: Agents
  readonly #timeoutMs: number
  readonly #lineCharsMax: number

  constructor({ addresses, token, fetch = platformFetch, ...rest }: ClientOptions) {
    const { timeoutMs = TIMEOUT_MS, stickyMs = STICKY_MS, lineCharsMax = LINE_CHARS_MAX } = rest
    const bases = [addresses].flat().map(baseUrl)
    if (bases.length === 0) throw new TypeError('a client needs an address')
    this.#agents = new Agents({ addresses: bases, token, fetch, stickyMs })
    this.#timeoutMs = timeoutMs
    this.#lineCharsMax = lineCharsMax
  }

  query(sql: string, params: SqlParams = [], options: QueryOptions = {}): Query<unknown> {
    const { signal, timeout, as, maxAge } = options
    const silenceMs = allowedSilence(this.#timeoutMs, timeout)
    const path = `/v1/queries${search({ timeout, max_age: maxAge })}`
    const body = encodeStatement([sql, params])
    return new Query<unknown>({
      open: () => this.#agents.send({ method: 'POST', path, body, signal, silenceMs, effect: 'reads' }),
      readEvent: eventReader(options),
      rowOf: as === 'objects' ? rowObject : (cells) => cells,
      silenceMs,
      lineCharsMax: this.#lineCharsMax,
    })
  }

  async execute(
    statements: readonly Statement[],
    { signal, timeout, wait }: ExecuteOptions = {},
  ): Promise<Outcome> {
    const silenceMs = allowedSilence(this.#timeoutMs, timeout)
    const path = `/v1/transactions${search({ timeout, wait })}`
    const body = encodeStatements(statements)
    const request = { method: 'POST', path, body, signal, silenceMs, effect: 'writes' } as const
    const answer = await this.#agents.send(request)
    return readOutcome(await answer.json(silenceMs))
  }

  async members({ signal }: CallOptions = {}): Promise<readonly Member[]> {
    const request = { method: 'GET', path: '/v1/members', signal, effect: 'reads' } as const
    const answer = await this.#agents.send({ ...request, silenceMs: this.#timeoutMs })
    return readMembers(await answer.json(this.#timeoutMs))
  }

  async isReady({ signal }: CallOptions = {}): Promise<boolean> {
    const request = { method: 'GET', path: '/readyz', signal, effect: 'reads' } as const
    try {
      const answer = await this.#agents.send({ ...request, silenceMs: this.#timeoutMs })
      await answer.json(this.#timeoutMs)
      return true
    } catch (cause) {
      if (cause instanceof ApiError && (cause.status === 503 || cause.status === 404))
        return cause.status === 404
      throw cause
    }
  }

  async reloadSchema(options: ReloadOptions = {}): Promise<SchemaReloaded> {
    const { signal, dryRun = false, allowDestructive = false } = options
    const body = JSON.stringify({
      ...(dryRun ? { dry_run: true } : {}),
      ...(allowDestructive ? { allow_destructive: true } : {}),
    })
    const effect = dryRun ? 'reads' : 'writes'
    const request = { method: 'POST', path: '/v1/schema/reload', body, signal, effect } as const
    const answer = await this.#agents.send({ ...request, silenceMs: this.#timeoutMs })
    return readReloaded(await answer.json(this.#timeoutMs))
  }

  async schemaSkew({ signal }: CallOptions = {}): Promise<SchemaSkew> {
    const request = { method: 'GET', path: '/v1/schema/skew', signal, effect: 'reads' } as const
    const answer = await this.#agents.send({ ...request, silenceMs: this.#timeoutMs })
    return readSkew(await answer.json(this.#timeoutMs))
  }

  async schema({ signal }: CallOptions = {}): Promise<AppliedSchema> {
    const request = { method: 'GET', path: '/v1/schema', signal, effect: 'reads' } as const
    const answer = await this.#agents.send({ ...request, silenceMs: this.#timeoutMs })
    return readApplied(await answer.json(this.#timeoutMs))
  }

  async purge(table: string, options: PurgeOptions = {}): Promise<PurgeCount> {
    const { signal, dryRun = false, column } = options
    const body = JSON.stringify({ table, column, dry_run: dryRun })
    const effect = dryRun ? 'reads' : 'writes'
    const request = { method: 'POST', path: '/v1/store/purge', body, signal, effect } as const
    const answer = await this.#agents.send({ ...request, silenceMs: this.#timeoutMs })
    return readPurgeCount(await answer.json(this.#timeoutMs))
  }

  async explainMember(actor: string, { signal }: CallOptions = {}): Promise<MemberExplanation> {
    const path = `/v1/members/${encodeURIComponent(actor)}`
    const request = { method: 'GET', path, signal, effect: 'reads' } as const
    const answer = await this.#agents.send({ ...request, silenceMs: this.#timeoutMs })
    return readExplanation(await answer.json(this.#timeoutMs))
  }

  async memberTags(actor: string, { signal }: CallOptions = {}): Promise<Tags> {
    const path = `/v1/members/${encodeURIComponent(actor)}/tags`
    const request = { method: 'GET', path, signal, effect: 'reads' } as const
    const answer = await this.#agents.send({ ...request, silenceMs: this.#timeoutMs })
    return readMemberTags(await answer.json(this.#timeoutMs))
  }

  async setTag(key: string, value: string, { signal, leaseMs }: TagOptions = {}): Promise<LeasedTag> {
    const body = JSON.stringify({ value, lease_ms: leaseMs })
    const answer = await this.#change('PUT', `/v1/tags/${encodeURIComponent(key)}`, body, signal)
    return readTag(await answer.json(this.#timeoutMs))
  }

  async deleteTag(key: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#change('DELETE', `/v1/tags/${encodeURIComponent(key)}`, undefined, signal)
  }

  async muteMember(actor: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#change('POST', '/v1/cluster/mute', JSON.stringify({ actor }), signal)
  }

  async unmuteMember(actor: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#change('POST', '/v1/cluster/unmute', JSON.stringify({ actor }), signal)
  }

  async missingVersions({ signal }: CallOptions = {}): Promise<readonly MissingVersions[]> {
    const request = { method: 'GET', path: '/v1/sync/missing', signal, effect: 'reads' } as const
    const answer = await this.#agents.send({ ...request, silenceMs: this.#timeoutMs })
    return readMissing(await answer.json(this.#timeoutMs))
  }

  async giveUpVersions(
    actor: string,
    versions?: readonly VersionRange[],
    { signal }: CallOptions = {},
  ): Promise<GivenUp> {
    const answer = await this.#change('POST', '/v1/sync/give-up', JSON.stringify({ actor, versions }), signal)
    return readGivenUp(await answer.json(this.#timeoutMs))
  }

  async leaveCluster({ signal }: CallOptions = {}): Promise<void> {
    await this.#change('POST', '/v1/cluster/leave', '{}', signal)
  }

  async rejoinCluster({ signal }: CallOptions = {}): Promise<void> {
    await this.#change('POST', '/v1/cluster/rejoin', '{}', signal)
  }

  async syncKnowledge({ signal, actor }: KnowledgeOptions = {}): Promise<SyncKnowledge> {
    const path = `/v1/sync/knowledge${search({ actor: actor && encodeURIComponent(actor) })}`
    const request = { method: 'GET', path, signal, effect: 'reads' } as const
    const answer = await this.#agents.send({ ...request, silenceMs: this.#timeoutMs })
    return readSyncKnowledge(await answer.json(this.#timeoutMs))
  }

  async compareWith(peer: string, { signal }: CallOptions = {}): Promise<SyncComparison> {
    const request = {
      method: 'GET',
      path: `/v1/sync/compare${search({ peer: encodeURIComponent(peer) })}`,
      signal,
    } as const
    const answer = await this.#agents.send({ ...request, effect: 'reads', silenceMs: this.#timeoutMs })
    return readSyncComparison(await answer.json(this.#timeoutMs))
  }

  async reconcile(peer?: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#change('POST', '/v1/sync/reconcile', JSON.stringify({ peer }), signal)
  }

  watchMembers({
    signal,
    attemptsMax = ATTEMPTS_MAX,
    silenceMs = SILENCE_MS,
  }: WatchOptions = {}): AsyncGenerator<readonly Member[], never, undefined> {
    return watchMembers({
      agents: this.#agents,
      signal,
      timeoutMs: this.#timeoutMs,
      silenceMs,
      attemptsMax,
      lineCharsMax: this.#lineCharsMax,
    })
  }

  #change(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const request = { method, path, signal, silenceMs: this.#timeoutMs, effect: 'writes' } as const
    return this.#agents.send(body === undefined ? request : { ...request, body })
  }

  subscribe(statement: Statement, options: SubscribeOptions = {}): Subscription<Cell> {
    const { from, signal, skipRows = false, resnapshot = false } = options
    const { attemptsMax = ATTEMPTS_MAX, silenceMs = SILENCE_MS } = options
    if (from !== undefined && !(Number.isSafeInteger(from) && from > 0))
      throw new RangeError(`from is the id of a change, at least 1, not ${from}`)
    return new Subscription({
      agents: this.#agents,
      body: encodeStatement(statement),
      readEvent: eventReader(options),
      from,
      skipRows,
      resnapshot,
      signal,
      timeoutMs: this.#timeoutMs,
      silenceMs,
      attemptsMax,
      lineCharsMax: this.#lineCharsMax,
    })
  }
}

/** Called through the global object: a browser's fetch refuses any other `this`. */
const platformFetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init)

/** The agent may work until its deadline before it says anything. */
function allowedSilence(timeoutMs: number, timeout: number | undefined): number {
  if (timeout === undefined) return timeoutMs
  if (!(Number.isSafeInteger(timeout) && timeout >= 0))
    throw new RangeError(`timeout takes a whole number of seconds, not ${timeout}`)
  return timeout === 0 ? Number.POSITIVE_INFINITY : Math.max(timeoutMs, 1_000 * timeout + GRACE_MS)
}

/** Values stand as they are to be sent. */
function search(parameters: { readonly [name: string]: number | string | undefined }): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${value}`).join('&')}`
}

function rowObject(cells: readonly unknown[], columns: readonly string[]): object {
  return Object.fromEntries(columns.map((name, i) => [name, cells[i]]))
}
