/**
 * ProcessFigures: a process and its descendants as Linux accounts them in /proc: CPU seconds used, and memory as PSS
 * (pages that several processes share are divided among them, so that a sum over processes is honest).
 */
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts CPU time for user space in hundredths of a second on every architecture. */
const TICKS_PER_SECOND = 100

export interface ProcessFigures {
  readonly pid: number
  /** The role that the program was started with: `store`, `readers`; else `main`. */
  readonly role: string
  readonly cpuSeconds: number
  readonly pssBytes: number
}

/** The process and everything below it; one that ends meanwhile is left out. */
export function processTree(root: number): ProcessFigures[] {
  return [root, ...descendants(root)].flatMap((pid) => {
    const figures = figuresOf(pid, pid === root)
    return figures === undefined ? [] : [figures]
  })
}

/** Ids of the processes whose command line has this text. */
export function findProcesses(commandLinePart: string): number[] {
  return processIds().filter((pid) =>
    (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').includes(commandLinePart),
  )
}

function descendants(root: number): number[] {
  const children = processIds().filter((pid) => statOf(pid)?.parent === root)
  return children.flatMap((pid) => [pid, ...descendants(pid)])
}

function figuresOf(pid: number, isRoot: boolean): ProcessFigures | undefined {
  const stat = statOf(pid)
  const memory = read(`/proc/${pid}/smaps_rollup`)
  const pssKb = /^Pss:\s+(\d+) kB$/m.exec(memory ?? '')?.[1]
  if (stat === undefined || pssKb === undefined) return undefined
  const commandLine = read(`/proc/${pid}/cmdline`) ?? ''
  const role = isRoot ? 'main' : (/--role=([a-z-]+)/.exec(commandLine)?.[1] ?? 'child')
  return { pid, role, cpuSeconds: stat.cpuSeconds, pssBytes: Number(pssKb) * 1_024 }
}

function statOf(pid: number): { readonly parent: number; readonly cpuSeconds: number } | undefined {
  const text = read(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name in brackets may hold anything; after it: state, parent, and 10 further on user and system time.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number) as [number, number, number]
  return { parent, cpuSeconds: (user + system) / TICKS_PER_SECOND }
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
