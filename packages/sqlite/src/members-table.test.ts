import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type MemberRow, MembersTable } from './members-table.ts'
import { type Database, openDatabase, openReader } from './open.ts'

function member(actor: string, state = 'alive', rtt: bigint | null = 6n): MemberRow {
  return [actor, `name-${actor}`, '10.0.0.1:1', state, 'ams', '{}', rtt, 0n]
}

describe('members table', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-members-'))
  let writer: Database
  let db: Database
  let members: MembersTable

  before(() => {
    writer = openDatabase(join(folder, 'a.db'))
    db = openReader(join(folder, 'a.db'))
    members = new MembersTable(db)
  })
  after(() => {
    db.close()
    writer.close()
    rmSync(folder, { recursive: true })
  })

  const states = (): unknown[] =>
    db.prepare('SELECT actor, state FROM patina_members ORDER BY actor').raw().all()

  it('holds the list that was set last, one row an actor', () => {
    members.set([member('a'), member('b'), member('b', 'down')])
    assert.deepEqual(states(), [
      ['a', 'alive'],
      ['b', 'down'],
    ])
    members.set([member('b')])
    assert.deepEqual(states(), [['b', 'alive']])
  })

  it('tells which columns differ, all for a row that comes or goes, nothing for what is equal', () => {
    members.set([member('a'), member('b')])
    assert.equal(members.set([member('b'), member('a')]), undefined)
    assert.deepEqual(members.set([member('a', 'down'), member('b', 'alive', null)])?.columns, [
      'state',
      'rtt_ms',
    ])
    assert.equal(members.set([member('a', 'down')])?.columns, 'all')
    assert.equal(members.set([member('c', 'down')])?.columns, 'all')
  })

  it('leaves the connection unable to write, also after a list that SQLite refuses', () => {
    members.set([member('a')])
    const broken = [['x', null, null, null, null, null, null, null]] as unknown as MemberRow[]
    assert.throws(() => members.set(broken), /NOT NULL/)
    assert.throws(() => db.exec('DELETE FROM patina_members'), /readonly|query/i)
    assert.deepEqual(states(), [['a', 'alive']])
    members.set([member('a', 'down')])
    assert.deepEqual(states(), [['a', 'down']])
  })

  it('ends with the same rows whichever lists came before', () => {
    const states = fc.constantFrom('alive', 'suspect', 'down')
    const list = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), states), { maxLength: 6 })
    fc.assert(
      fc.property(fc.array(list, { maxLength: 6 }), (lists) => {
        for (const rows of lists) {
          members.set(rows.map(([actor, state]) => member(actor, state)))
          const wanted = [...new Map(rows)].sort(([a], [b]) => (a < b ? -1 : 1))
          assert.deepEqual(db.prepare('SELECT actor, state FROM patina_members').raw().all(), wanted)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('is prepared once: statements go on after a change', () => {
    const count = db.prepare<[], bigint>('SELECT count(*) FROM patina_members').pluck()
    members.set([member('a'), member('b')])
    assert.equal(count.get(), 2n)
    members.set([])
    assert.equal(count.get(), 0n)
  })
})
