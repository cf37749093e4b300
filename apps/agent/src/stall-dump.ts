/**
 * What a stalled process was doing, in a file for people: why it counts as stalled, where in its JavaScript it is, what was
 * asked of it, and what the system says of its threads (Linux). Written before the process is killed, in bounded time. Of the files only
 * the newest are kept. Statements are in there and parameters, too, so that only the owner may read them.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Watch } from '@patina/sqlite'
import type { Stall } from './stall-watch.ts'

export const DUMPS_MAX = 10
/** JavaScript is interrupted within milliseconds; a statement or a stopped process never answers. */
const STACK_MS = 1_000
const TASKS_MAX = 32

export interface StalledProcess {
  readonly role: string
  readonly pid: number | undefined
  readonly watch: Pick<Watch, 'stack'>
  readonly describe: (id?: number) => string
}

/** Where the dumps of an agent lie: beside its database. */
export function dumpFolder(databasePath: string): string {
  return `${databasePath}-stalls`
}

/** Resolves with the path of the file, or undefined where it could not be written: the restart must not wait for a disk. */
export async function dumpStall(
  folder: string,
  stalled: StalledProcess,
  { why, pulse }: Stall,
): Promise<string | undefined> {
  const { role, pid, watch, describe } = stalled
  const at = new Date(performance.timeOrigin + performance.now()).toISOString()
  const stack = pulse === undefined ? undefined : await watch.stack(STACK_MS)
  const text = [
    `${role} (process ${pid}) stalled at ${at}: ${why}`,
    `\nlast answer: ${JSON.stringify(pulse ?? null)}`,
    `\nwaiting for an answer: ${describe(pulse?.running === 'call' ? pulse.id : undefined)}`,
    `\nJavaScript, innermost first:\n${indented(stack ?? ['no answer: inside a statement, or the process stands'])}`,
    `\nthreads by the system:\n${indented(pid === undefined ? [] : tasksOf(pid))}\n`,
  ].join('\n')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, `${at.replaceAll(':', '-')}-${role}.txt`)
    writeFileSync(path, text, { mode: 0o600 })
    for (const old of readdirSync(folder).sort().slice(0, -DUMPS_MAX)) rmSync(join(folder, old))
    return path
  } catch {
    return undefined
  }
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}

/** Name, state, and the function of the kernel in which each thread waits; nothing where there is no /proc. */
function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .slice(0, TASKS_MAX)
      .map((task) => {
        const read = (file: string): string => readFileSync(`/proc/${pid}/task/${task}/${file}`, 'utf8')
        const state = /^State:\s*(.*)$/m.exec(read('status'))?.[1]
        return `${task} ${read('comm').trim()}: ${state}, in ${wchan(read)}`
      })
  } catch {
    return []
  }
}

function wchan(read: (file: string) => string): string {
  try {
    return read('wchan').trim()
  } catch {
    return 'unknown'
  }
}
