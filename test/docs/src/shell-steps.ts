/**
 * A shell block of a page as steps: commands, and the comment lines behind them as the answer that the page promises.
 * Pure: runs nothing.
 */

export interface ShellStep {
  /** As they stand in the page. */
  readonly commands: string
  /** Lines without their `# `; none where the page shows no answer. */
  readonly shown: readonly string[]
}

export function shellSteps(block: string): ShellStep[] {
  const steps: { commands: string[]; shown: string[] }[] = [{ commands: [], shown: [] }]
  let hereDocument: string | undefined
  for (const line of block.trimEnd().split('\n')) {
    const current = steps.at(-1) as (typeof steps)[number]
    if (hereDocument === undefined && line.startsWith('# ')) {
      current.shown.push(line.slice(2))
      continue
    }
    if (line === hereDocument) hereDocument = undefined
    else hereDocument ??= /<<'(\w+)'/.exec(line)?.[1]
    if (current.shown.length > 0) steps.push({ commands: [line], shown: [] })
    else current.commands.push(line)
  }
  return steps.map(({ commands, shown }) => ({ commands: `${commands.join('\n')}\n`, shown }))
}

/** Printed behind the output of each step. */
const SEPARATOR = '\u001e'

/** One script that runs all steps in one shell and marks where the output of each ends. */
export function scriptOf(steps: readonly ShellStep[]): string {
  return steps.map(({ commands }) => `${commands}printf '\\036'\n`).join('')
}

/** Output lines of each step, blank ones left out. */
export function outputsOf(stdout: string): string[][] {
  return stdout.split(SEPARATOR).map((text) => text.split('\n').filter((line) => line.trim() !== ''))
}
