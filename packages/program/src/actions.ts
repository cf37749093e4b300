/** Commands of several actions: `patina sync compare MEMBER` is the action `compare` with one word. */
import type { ParsedArguments } from './arguments.ts'
import { UsageError } from './refusal.ts'

export interface Chosen<Action> {
  readonly what: string
  readonly action: Action
  /** What follows the action. */
  readonly words: readonly string[]
}

/** By the first positional argument. Throws UsageError. */
export function chooseAction<Action>(
  command: string,
  actions: Readonly<Record<string, Action>>,
  { positionals }: Pick<ParsedArguments, 'positionals'>,
): Chosen<Action> {
  const [what = '', ...words] = positionals
  const action = Object.hasOwn(actions, what) ? actions[what] : undefined
  if (action !== undefined) return { what, action, words }
  const known = Object.keys(actions).join(', ')
  throw new UsageError(
    what === '' ? `what to do is missing: ${known}` : `unknown: ${command} ${what}; there is: ${known}`,
  )
}
