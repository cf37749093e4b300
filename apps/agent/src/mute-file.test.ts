import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { actorId, hlc } from '@patina/base'
import { MuteFile, muteFilePath } from './mute-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-mutes-'))
after(() => rmSync(folder, { recursive: true }))

const [A, B] = ['a', 'b'].map((digit) => actorId(digit.repeat(32)))
const RULES = [
  { origin: A as never, muted: true, at: hlc(1_700_000_000_000_000) },
  { origin: B as never, muted: false, at: hlc(7) },
]

function file(name: string, warnings: string[] = []): MuteFile {
  return new MuteFile(muteFilePath(join(folder, name)), (reason) => warnings.push(reason))
}

test('rules are there after a restart, those that unmute, too; later ones take their place', async () => {
  assert.deepEqual(await file('a').load(), [])
  const one = file('a')
  await one.save(RULES)
  assert.deepEqual(await file('a').load(), RULES)
  // Not awaited one by one: they are written in order.
  await Promise.all([one.save([]), one.save(RULES.slice(1))])
  assert.deepEqual(await file('a').load(), RULES.slice(1))
})

test('what is no rule is skipped, and a file that cannot be written is told of', async () => {
  const lines = ['# x', `${A} muted 5`, `${A} loud 5`, 'x muted 5', `${B} unmuted 9999999999999999`, '\u0000']
  writeFileSync(muteFilePath(join(folder, 'b')), lines.join('\r\n'))
  assert.deepEqual(await file('b').load(), [{ origin: A, muted: true, at: 5 }])
  const warnings: string[] = []
  await file('no/such/folder', warnings).save(RULES)
  assert.match(warnings.join(), /ENOENT/)
})
