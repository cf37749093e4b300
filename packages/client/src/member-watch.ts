/**
 * watchMembers: the members as one agent sees them, again and again, as they change. After a break it goes on at the next
 * agent that answers, with the list as that one sees it.
 */
import type { Agents } from './agents.ts'
import { ApiError, ConnectionError, ProtocolError } from './error.ts'
import { isBlank, KEEP_ALIVE, type LiveLinesOptions, liveLines } from './live-lines.ts'
import { type Member, readMember, readMembers } from './member.ts'
import { backoffMs, pause } from './retry.ts'

export interface MemberWatchParts extends LiveLinesOptions {
  readonly agents: Agents
  readonly signal: AbortSignal | undefined
  /** Until the head of an answer. */
  readonly timeoutMs: number
  /** Tries in a row that bring nothing. */
  readonly attemptsMax: number
}

/** The whole list, the agent that answers first, at once and after each change. A first try that fails is not repeated. */
export async function* watchMembers(
  parts: MemberWatchParts,
): AsyncGenerator<readonly Member[], never, undefined> {
  const signal = parts.signal ?? new AbortController().signal
  let hasAnswered = false
  for (let attempt = 1; ; attempt += 1) {
    try {
      for await (const members of listsOf(parts)) {
        hasAnswered = true
        attempt = 0
        yield members
      }
    } catch (cause) {
      signal.throwIfAborted()
      if (!hasAnswered || !isWorthAnotherTry(cause) || attempt >= parts.attemptsMax) throw cause
      const askedMs = cause instanceof ApiError ? cause.retryAfterMs : undefined
      await pause(backoffMs({ attempt: Math.max(attempt, 1), chance: Math.random(), askedMs }), signal)
    }
  }
}

async function* listsOf(parts: MemberWatchParts): AsyncGenerator<readonly Member[], void, undefined> {
  const path = `/v1/members?watch&${KEEP_ALIVE}`
  const { signal, timeoutMs: silenceMs } = parts
  const answer = await parts.agents.send({ method: 'GET', path, signal, silenceMs, effect: 'reads' })
  let members: readonly Member[] | undefined
  for await (const line of liveLines(answer, parts)) {
    if (isBlank(line)) continue
    const told = parse(line)
    members = members === undefined ? readMembers(told) : merged(members, readMember(told))
    yield members
  }
}

function merged(members: readonly Member[], changed: Member): readonly Member[] {
  const known = members.some(({ actor }) => actor === changed.actor)
  if (!known) return [...members, changed]
  return members.map((member) =>
    member.actor === changed.actor ? { ...changed, self: member.self } : member,
  )
}

function isWorthAnotherTry(cause: unknown): boolean {
  if (cause instanceof ApiError) return cause.status >= 500 || cause.status === 408
  return cause instanceof ConnectionError
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new ProtocolError(`a line is not JSON: ${line.slice(0, 100)}`)
  }
}
