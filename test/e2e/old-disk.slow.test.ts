/** A real agent whose database is set back to an earlier copy, as a restored snapshot of its machine does. */
import assert from 'node:assert/strict'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { NODE_NAMES, startCluster, untilEqual, untilMembers, waitUntil } from '@patina/test-cluster'

const insert = (id: string) =>
  [
    'INSERT INTO machines (id, app, region, node, addr, port, state, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    [id, 'web', 'syd', 'syd', '10.0.0.1', 80, 'started', 1],
  ] as const

test('T-J1: who gets an old disk begins anew under another actor, has its writes back, and no number is used twice', async (t) => {
  const cluster = await startCluster(t)
  const { api } = cluster.node('syd')
  const file = join(cluster.folder, 'syd', 'patina.db')
  const startSyd = async (): Promise<void> => {
    cluster.spawn('syd')
    await cluster.healthy('syd')
    await untilMembers(cluster.node('syd'), NODE_NAMES.length)
  }
  const actorOfSyd = async () =>
    (await api.members()).find(({ name, state }) => name === 'syd' && state === 'alive')?.actor

  await api.execute([insert('before')])
  await untilEqual(cluster.nodes(), 1)
  const former = await actorOfSyd()
  await cluster.process('syd').stop()
  copyFileSync(file, `${file}.saved`)
  await startSyd()
  assert.equal(await actorOfSyd(), former, 'a restart alone changes nothing')
  for (const id of ['later', 'last']) await api.execute([insert(id)])
  await untilEqual(cluster.nodes(), 3)

  await cluster.process('syd').stop()
  for (const left of [`${file}-wal`, `${file}-shm`]) rmSync(left, { force: true })
  copyFileSync(`${file}.saved`, file)
  cluster.spawn('syd')
  await waitUntil({ what: 'syd has begun anew', deadlineMs: 30_000 }, async () =>
    /begins anew under another actor/.test(cluster.process('syd').log()) ? true : undefined,
  )
  await cluster.healthy('syd')
  await untilEqual(cluster.nodes(), 3)
  assert.notEqual(await actorOfSyd(), former)
  await waitUntil({ what: 'syd takes writes', deadlineMs: 10_000 }, async () =>
    api.execute([insert('anew')]).then(
      () => true,
      () => undefined,
    ),
  )
  await untilEqual(cluster.nodes(), 4)
})
