import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'patina-sim-'))
after(() => rmSync(folder, { recursive: true }))

function sim(...args: string[]): {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
} {
  const options = { encoding: 'utf8', timeout: 30_000 } as const
  return spawnSync(process.execPath, ['--conditions=@patina/source', MAIN, 'swim', ...args], options)
}

test('one run is shown with its figures and leaves its reports', () => {
  const { status, stdout, stderr } = sim('--nodes', '8', '--kill', '1', '--seconds', '20', '--report', folder)
  assert.equal(status, 0, stdout + stderr)
  assert.match(stdout, /own {3}seed 1 {6}ok {5}trace [0-9a-f]{16}/)
  assert.match(stdout, /kill\.max_ms +\d+/)
  assert.deepEqual(readdirSync(folder).sort(), ['own-1.json', 'own-1.svg'])
})

test('a broken criterion ends with 1, the line that replays it and a smaller run', () => {
  const args = ['--scenario', 'S6b', '--seed', '3', '--seconds', '2', '--shrink']
  const { status, stdout } = sim(...args)
  assert.equal(status, 1)
  assert.match(stdout, /broken: kill\.wrong = 0: got 2/)
  assert.match(stdout, /replay: pnpm sim swim --scenario S6b --seed 3 --seconds 2\n/)
  assert.match(stdout, /smaller: pnpm sim swim --scenario S6b --seed \d+ --nodes 2 --seconds \d/)
  assert.match(sim(...args).stdout, new RegExp(/trace [0-9a-f]{16}/.exec(stdout)?.[0] ?? 'no trace'))
})

test('a wrong option or scenario ends with 2 and says what to change', () => {
  assert.match(sim('--loss', 'much').stderr, /--loss must be a share like 10%, not "much"/)
  const { status, stderr } = sim('--scenario', 'S0')
  assert.equal(status, 2)
  assert.match(stderr, /there is no "S0"/)
})
