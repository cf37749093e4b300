/** `patina sync` in front of real agents: what they lack of each other is told as it is, and is gone after a reconcile. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ApiError, type Client, createClient, type SyncComparison } from '@patina/client'
import { type Cluster, startCluster, waitUntil } from '@patina/test-cluster'

const MAIN = fileURLToPath(new URL('../../apps/agent/src/main.ts', import.meta.url))
const INSERT = 'INSERT INTO machines (id, app) VALUES (?, ?)'

async function patina(
  cluster: Cluster,
  ...words: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const to = ['--api-addr', `127.0.0.1:${cluster.node('ams').apiPort}`]
  const child = spawn(process.execPath, ['--conditions=@patina/source', MAIN, ...words, ...to])
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (part: string) => {
      text[stream] += part
    })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, ...text }
}

/** What docs/operations.md tells to type below a heading. */
function typedIn(heading: string): string[][] {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split(`## ${heading}\n`)
  const [, block = ''] = /```sh\n(.*?)```/s.exec(section) ?? []
  return block
    .trim()
    .split('\n')
    .map((line) => line.replace(/^patina /, '').split(' '))
}

/** Writes one row and compares before anybody can have found it; again where an exchange came in between. */
async function difference(client: Client, peer: string): Promise<SyncComparison> {
  let rows = 0
  return waitUntil({ what: 'a difference is told', deadlineMs: 20_000, pollMs: 150 }, async () => {
    rows += 1
    await client.execute([[INSERT, [`row-${rows}`, 'sync']]])
    try {
      const comparison = await client.compareWith(peer)
      return comparison.equal ? undefined : comparison
    } catch (cause) {
      // It has just been asked by an exchange, or the session is still to come.
      if (cause instanceof ApiError && ['peer-busy', 'no-session'].includes(cause.code ?? ''))
        return undefined
      throw cause
    }
  })
}

test('patina sync: knowledge, compare and reconcile', async (t) => {
  const cluster = await startCluster(t)
  const client = createClient({ addresses: `127.0.0.1:${cluster.node('ams').apiPort}` })
  const members = await client.members()
  const [ams, nrt] = ['ams', 'nrt'].map((name) => members.find((member) => member.name === name)?.actor ?? '')
  // What is muted is not broadcast: only comparing finds it, a second later.
  for (const { actor } of members) await client.muteMember(actor)
  const told = await difference(client, nrt as string)
  assert.deepEqual(told.lacks, [])
  assert.deepEqual(
    told.peer_lacks.map(({ actor }) => actor),
    [ams],
  )

  const reconciled = await patina(cluster, 'sync', 'reconcile', '--timeout', '30')
  assert.equal(reconciled.code, 0, reconciled.stderr)
  assert.deepEqual(reconciled.stdout.trim().split('\n').sort(), ['nrt is even', 'syd is even'])
  const typed: string[] = []
  for (const words of typedIn('A member that is behind')) {
    const { code, stdout, stderr } = await patina(cluster, ...words)
    assert.equal(code, 0, `${words.join(' ')}: ${stderr}`)
    typed.push(stdout)
  }
  assert.match(typed[0] ?? '', /^name +head +held +missing +gaps +in parts +given up +age_ms/)
  assert.deepEqual(typed.slice(1, 2), ['nrt holds the same\n'])
  const knowledge = await patina(cluster, 'sync', 'knowledge', '--actor', 'ams', '--json')
  const { actors } = JSON.parse(knowledge.stdout) as { actors: { actor: string; complete: boolean }[] }
  assert.deepEqual(
    actors.map(({ actor, complete }) => [actor, complete]),
    [[ams, true]],
  )

  cluster.process('nrt').pause()
  const silent = await patina(cluster, 'sync', 'compare', 'nrt')
  cluster.process('nrt').resume()
  assert.equal(silent.code, 1)
  assert.match(silent.stderr, /has not answered|no connection/)
})
