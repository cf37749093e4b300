/** Who subscribes after results were settled gets what was told before, and nobody waits for a run that is not needed. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Bench, EVERYTHING, linesOf } from './fixture.ts'

const IDS = 'SELECT id FROM machines'

describe('settled results', () => {
  let bench: Bench

  /** Told, and not run yet. */
  const insert = (id: number): void => {
    bench.writer.exec(`INSERT INTO machines VALUES (${id}, 'a', 's', 'n', 1)`)
    bench.engine.changed(EVERYTHING)
  }
  const rows = (): number => bench.subscribe(IDS).read().rows.size
  const runs = (): number => bench.engine.info(bench.subscribe(IDS).id)?.runs ?? -1

  beforeEach(() => {
    bench = new Bench()
    bench.subscribe(IDS)
  })
  afterEach(() => bench.close())

  it('have what was told before, for who subscribes and for who comes back', () => {
    const early = bench.subscribe(IDS).read()
    insert(1)
    bench.settle()
    insert(2)
    assert.equal(rows(), 1, 'a result that lags is shown as it is')
    bench.engine.settle()
    assert.deepEqual(linesOf(bench.resume(early.id, 1).subscriber), [{ change: ['insert', 2, [2], 2] }])
    assert.equal(rows(), 2)
  })

  it('are run once for that, and what changes afterwards is not waited for', () => {
    insert(1)
    bench.engine.settle()
    assert.equal(rows(), 1)
    const before = runs()
    insert(2)
    assert.equal(rows(), 1)
    assert.equal(runs(), before)
    bench.settle()
    assert.equal(rows(), 2)
  })

  it('are run for nobody where nothing was told', () => {
    const before = runs()
    bench.engine.settle()
    assert.equal(rows(), 0)
    assert.equal(runs(), before)
  })

  it('are not waited for where a run came by itself', () => {
    insert(1)
    bench.engine.settle()
    bench.settle()
    const before = runs()
    assert.equal(rows(), 1)
    assert.equal(runs(), before)
  })
})
