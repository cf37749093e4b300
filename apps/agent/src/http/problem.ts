/** Answers that refuse: a JSON body `{"error", "code"}` with a sentence and a code that stays the same. */
import type { Context } from 'hono'

export type ProblemStatus = 400 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 421 | 422 | 500 | 502 | 503 | 504

/** What is refused, and why. `retryAfterSecs` only where trying again may help. */
export interface Problem {
  readonly status: ProblemStatus
  readonly code: string
  readonly error: string
  readonly retryAfterSecs?: number
  readonly allow?: string
}

export function refuseRequest(c: Context, problem: Problem): Response {
  const headers: Record<string, string> = {}
  if (problem.retryAfterSecs !== undefined) headers['retry-after'] = String(problem.retryAfterSecs)
  if (problem.allow !== undefined) headers.allow = problem.allow
  return c.json({ error: problem.error, code: problem.code }, problem.status, headers)
}

/** Overload in any form: nothing was done, try again in a second. */
export function overloaded(error: string, code = 'overloaded'): Problem {
  return { status: 503, code, error, retryAfterSecs: 1 }
}
