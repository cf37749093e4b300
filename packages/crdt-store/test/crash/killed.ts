/** A program that is killed with SIGKILL, and what it said before; for tests of crashes. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { type ChangesetHeader, decodeChangesetHeader } from '@patina/base'

/** The changesets that the program said before it died, `ms` after its first word. */
export async function untilKilled(
  t: TestContext,
  [program, ...args]: readonly [string, ...string[]],
  ms: number,
): Promise<Uint8Array[]> {
  const child = spawn(process.execPath, ['--conditions=@patina/source', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  let text = ''
  child.stdout.setEncoding('utf8')
  await once(child.stdout, 'data').then(([first]) => {
    text = first
  })
  child.stdout.on('data', (more: string) => {
    text += more
  })
  setTimeout(() => child.kill('SIGKILL'), ms)
  const [code, signal] = await once(child, 'close')
  assert.deepEqual([code, signal], [null, 'SIGKILL'], 'it went on until it was killed')
  // A last line without its end was being said.
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'base64'))
}

/** Actor, version and part. */
export function nameOf(bytes: Uint8Array): string {
  const { actor, version, firstSeq, lastSeq } = headerOf(bytes)
  return `${actor}/${version}/${firstSeq}-${lastSeq}`
}

export function headerOf(bytes: Uint8Array): ChangesetHeader {
  const decoded = decodeChangesetHeader(bytes)
  assert.ok(decoded.ok)
  return decoded.value.header
}
