/** When results have what was told: not before each one that was to run has run, and not never while more is told. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { millis } from '@patina/base'
import { Bench, EVERYTHING } from './fixture.ts'

describe('settled results', () => {
  let bench: Bench
  let settled: boolean

  const ask = async (): Promise<void> => {
    settled = false
    void bench.engine.settled().then(() => {
      settled = true
    })
    await turn()
  }
  const insert = (id: number): void => {
    bench.writer.exec(`INSERT INTO machines VALUES (${id}, 'a', 's', 'n', 1)`)
    bench.engine.changed(EVERYTHING)
  }
  const work = async (): Promise<void> => {
    bench.engine.work()
    await turn()
  }

  beforeEach(() => {
    bench = new Bench({ limits: { sliceMs: millis(0) } })
  })
  afterEach(() => bench.close())

  it('are so at once where nothing has to run', async () => {
    bench.subscribe('SELECT id FROM machines')
    await ask()
    assert.equal(settled, true)
  })

  it('are so when each one has run and its listeners were told, whatever is told meanwhile', async () => {
    const clients = ['id', 'app'].map((column) => bench.subscribe(`SELECT ${column} FROM machines`).read())
    insert(1)
    await ask()
    await work()
    assert.equal(settled, false, 'a slice of time is enough for one of them')
    insert(2)
    await work()
    assert.equal(settled, true)
    assert.deepEqual(
      clients.map((client) => client.read().rows.size),
      [1, 2],
    )
  })

  it('do not wait for one that ends', async () => {
    bench.subscribe('SELECT weight FROM machines')
    insert(1)
    await ask()
    bench.writer.exec('ALTER TABLE machines DROP COLUMN weight')
    await work()
    assert.equal(settled, true)
  })

  it('wait for one that waits for the members', async () => {
    bench.subscribe('SELECT name FROM patina_members')
    bench.restart()
    await ask()
    await work()
    assert.equal(settled, false)
    bench.engine.members([])
    await work()
    assert.equal(settled, true)
  })
})

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
