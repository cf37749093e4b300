import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { actorId, peerAddress } from '@patina/base'
import type { MemberView } from '@patina/swim'
import { MemberCache, REMEMBERED_MAX, worthRemembering } from './member-cache.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-member-cache-'))
after(() => rmSync(folder, { recursive: true }))

function member(n: number, region = 'ams', state: MemberView['state'] = 'alive', sinceMs = n): MemberView {
  return {
    actor: actorId(n.toString(16).padStart(32, '0')),
    address: peerAddress(`10.0.${n >> 8}.${n & 255}:7000`),
    state,
    generation: 1,
    incarnation: 0,
    metadata: { name: `n${n}`, region, apiAddress: '', tags: {} },
    rttMs: undefined,
    sinceMs,
  }
}

function cache(name: string, warnings: string[] = []): MemberCache {
  return new MemberCache(join(folder, name), (reason) => warnings.push(reason))
}

test('what was noted is there after a restart; while alone nothing is forgotten', async () => {
  const first = cache('a')
  assert.deepEqual(await first.load(), [])
  first.note([member(1), member(2), member(3, 'ams', 'down')])
  first.note([member(3, 'ams', 'down')])
  await first.save()
  assert.deepEqual(await cache('a').load(), [member(1).address, member(2).address])
})

test('junk in the file is skipped, and a file that cannot be read or written is told of', async () => {
  writeFileSync(join(folder, 'b'), `# x\n10.0.0.1:7000\r\nhost:7000\n\u0000\n10.0.0.2:99999\n`)
  assert.deepEqual(await cache('b').load(), ['10.0.0.1:7000'])
  const warnings: string[] = []
  const lost = cache('no/such/folder', warnings)
  await lost.load()
  lost.note([member(1)])
  await lost.save()
  assert.match(warnings.join(), /ENOENT/)
  assert.equal(warnings.length, 1)
})

test('the same members write nothing anew', async () => {
  const one = cache('c')
  one.note([member(1)])
  await one.save()
  writeFileSync(join(folder, 'c'), 'touched')
  one.note([member(1)])
  await one.save()
  assert.equal(readFileSync(join(folder, 'c'), 'utf8'), 'touched')
})

test('bounded; five of each region before more of any, the steadiest first', () => {
  const members = [
    ...Array.from({ length: 400 }, (_, n) => member(n + 1)),
    ...Array.from({ length: 7 }, (_, n) => member(500 + n, 'syd')),
  ]
  const addresses = worthRemembering(members)
  assert.equal(addresses.length, REMEMBERED_MAX)
  const syd = addresses.filter((address) =>
    members.some((m) => m.address === address && m.metadata.region === 'syd'),
  )
  assert.equal(syd.length, 5)
  assert.equal(addresses[0], member(1).address)
  assert.deepEqual(worthRemembering([member(1, 'ams', 'suspect'), member(2, 'ams', 'left')]), [])
})
