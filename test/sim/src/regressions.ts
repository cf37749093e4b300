/**
 * Regressions: runs that have found a fault, each with what it was. They are kept as the line that replays them without
 * `pnpm sim node`, and run at each push; a run whose plan is drawn otherwise by now proves less, and stays all the same.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { Table } from './table.ts'

const FILE: URL = new URL('../regressions.toml', import.meta.url)

export interface Regression {
  /** As on a command line behind `pnpm sim node`. */
  readonly args: readonly string[]
  readonly found: string
}

/** Throws ScenarioError for what is not written as it should be. */
export function readRegressions(text: string = readFileSync(FILE, 'utf8')): Regression[] {
  const file = new Table('regressions.toml', parse(text))
  const regressions = file.tables('runs').map((table) => {
    const regression = { args: table.text('run').split(' '), found: table.text('found') }
    table.end()
    return regression
  })
  file.end()
  return regressions
}
