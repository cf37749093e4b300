import assert from 'node:assert/strict'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isWritten, removeLeftovers, writeAtomically } from './atomic-write.ts'

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-write-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const modeOf = (path: string): number => statSync(path).mode & 0o7777

test('a new file, its folders, and nothing beside it', async (t) => {
  const folder = folderOf(t)
  const path = join(folder, 'a/b/c.conf')
  assert.deepEqual(await writeAtomically(path, 'grün'), { kind: 'written', bytes: 5, ownerKept: true })
  assert.equal(readFileSync(path, 'utf8'), 'grün')
  assert.deepEqual(readdirSync(join(folder, 'a/b')), ['c.conf'])
  assert.equal(modeOf(path), 0o666 & ~process.umask())
})

test('equal content is not written, unless the mode is another', async (t) => {
  const path = join(folderOf(t), 'a')
  await writeAtomically(path, 'x')
  const before = statSync(path).ino
  assert.deepEqual(await writeAtomically(path, 'x'), { kind: 'equal' })
  assert.equal(statSync(path).ino, before)
  assert.equal(await isWritten(path, 'x', undefined), true)
  assert.equal(await isWritten(path, 'y', undefined), false)
  assert.equal((await writeAtomically(path, 'x', { mode: 0o600 })).kind, 'written')
  assert.equal(modeOf(path), 0o600)
})

test('the mode stays, unless another one is asked for', async (t) => {
  const path = join(folderOf(t), 'a')
  writeFileSync(path, 'x')
  chmodSync(path, 0o751)
  await writeAtomically(path, 'y')
  assert.equal(modeOf(path), 0o751)
  await writeAtomically(path, 'z', { mode: 0o640 })
  assert.equal(modeOf(path), 0o640)
})

test('the owner stays where this process may keep it', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, async (t) => {
  const path = join(folderOf(t), 'a')
  writeFileSync(path, 'x')
  const { chownSync } = await import('node:fs')
  chownSync(path, 1234, 2345)
  chmodSync(path, 0o2750)
  assert.deepEqual(await writeAtomically(path, 'y'), { kind: 'written', bytes: 1, ownerKept: true })
  const { uid, gid } = statSync(path)
  assert.deepEqual([uid, gid, modeOf(path)], [1234, 2345, 0o2750])
})

test('a link stays a link, also one that leads nowhere yet', async (t) => {
  const folder = folderOf(t)
  mkdirSync(join(folder, 'real'))
  symlinkSync('real/file', join(folder, 'link'))
  for (const text of ['one', 'two']) {
    await writeAtomically(join(folder, 'link'), text)
    assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink())
    assert.equal(readFileSync(join(folder, 'real/file'), 'utf8'), text)
  }
  symlinkSync('loop', join(folder, 'loop'))
  await assert.rejects(writeAtomically(join(folder, 'loop'), 'x'), /links|ELOOP/)
})

test('the replaced content stays as .bak', async (t) => {
  const folder = folderOf(t)
  const path = join(folder, 'a')
  for (const text of ['one', 'two', 'three']) await writeAtomically(path, text, { backup: true })
  assert.equal(readFileSync(`${path}.bak`, 'utf8'), 'two')
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'a.bak'])
})

test('what fails leaves the file as it was and nothing beside it', async (t) => {
  const folder = folderOf(t)
  mkdirSync(join(folder, 'folder'))
  await assert.rejects(writeAtomically(join(folder, 'folder'), 'x'), /is no file/)
  writeFileSync(join(folder, 'file'), 'x')
  await assert.rejects(writeAtomically(join(folder, 'file/inside'), 'x'), { code: 'ENOTDIR' })
  // A backup that cannot take its place.
  mkdirSync(join(folder, 'file.bak'))
  await assert.rejects(writeAtomically(join(folder, 'file'), 'y', { backup: true }))
  assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'x')
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  )
})

test('what a killed process has left is removed, and nothing else', async (t) => {
  const folder = folderOf(t)
  const names = [
    '.a.0123456789abcdef.tmp',
    '.a.0123456789abcdef.tmp-bak',
    '.a.patina',
    '.b.0123456789abcdef.tmp',
    '.a.x.tmp',
  ]
  for (const name of names) writeFileSync(join(folder, name), '')
  await removeLeftovers(join(folder, 'a'))
  assert.deepEqual(readdirSync(folder).sort(), ['.a.patina', '.a.x.tmp', '.b.0123456789abcdef.tmp'])
  await removeLeftovers(join(folder, 'nowhere/a'))
})
