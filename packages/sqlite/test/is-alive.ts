/** Whether a process runs. A zombie that its new parent has not reaped yet does not; only Linux says so in a file. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

export function isAlive(pid: number | undefined): boolean {
  assert.ok(pid !== undefined && pid > 0)
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
