/** The demo as people run it: all of it, kept and tried out, and interrupted; each time nothing may be left. */
import assert from 'node:assert/strict'
import test, { describe } from 'node:test'
import { DemoRun } from './demo-run.ts'
import { assertTold, ENDED, STEPS } from './told.ts'
import { TypedLines } from './typed-lines.ts'

const DEADLINE_MS = 180_000
/** Two of them at once, as two people on one machine would. */
describe('the whole demo', { concurrency: true, timeout: DEADLINE_MS }, () => {
  test('holds, prints its figures and leaves nothing', async (t) => {
    const demo = new DemoRun(t)
    assert.equal(await demo.exitCode(), 0, demo.output)
    assertTold(demo.output, [...STEPS, ENDED, /^Measured:$/m])
    assert.match(demo.output, /SIGKILL of web-ams-1 → gone from nrt's live result/)
    assert.match(demo.output, /SIGKILL of syd → its servers gone from nrt's live result/)
    assert.deepEqual(demo.remains(), [])
  })

  test('--keep stays for the lines that it prints, and ends in order with Ctrl-C', async (t) => {
    // As `pnpm demo -- --keep` passes it on.
    const demo = new DemoRun(t, '--', '--keep')
    await demo.printed('/v1/members\n')
    assertTold(demo.output, [...STEPS, /^Measured:$/m, /^All of it runs on until Ctrl-C\.$/m])
    await tryOut(new TypedLines(t, demo.output))
    demo.signal('SIGINT')
    assert.equal(await demo.exitCode(), 0, demo.output)
    assertTold(demo.output, [ENDED])
    assert.deepEqual(demo.remains(), [])
  })
})

async function tryOut(lines: TypedLines): Promise<void> {
  assert.equal(lines.all.length, 5)
  const [watch, register, kill, query, members] = lines.all as [string, string, string, string, string]
  const watching = lines.begin(watch)
  await watching.printed(/^eoq/m)
  assert.equal(watching.output().match(/^row\|web-/gm)?.length, 6)
  assert.match(await lines.run(register), /"rows_affected":1/)
  await watching.printed(/^insert\|web-ams-3\|ams/m)
  await lines.run(kill)
  await watching.printed(/^delete\|web-ams-1\|ams/m)
  const rows = await lines.run(query)
  assert.match(rows, /\["web-ams-1","ams",\d+,"unhealthy"\]/)
  assert.equal(rows.match(/"healthy"/g)?.length, 6)
  assert.equal((await lines.run(members)).match(/"state":"alive"/g)?.length, 3)
}

describe('Ctrl-C leaves no process and no file', { concurrency: true, timeout: DEADLINE_MS }, () => {
  const moments = [
    { what: 'rows are loaded', text: 'rows loaded', processes: 3 },
    { what: 'servers run and an agent was killed', text: 'Killed the agent', processes: 10 },
  ]
  for (const { what, text, processes } of moments)
    test(`while ${what}`, async (t) => {
      const demo = new DemoRun(t)
      await demo.printed(text)
      assert.ok(demo.processes().length > processes)
      demo.signal('SIGINT')
      assert.equal(await demo.exitCode(), 130, demo.output)
      assert.deepEqual(demo.remains(), [])
    })
})

test('what is no option is refused before anything starts', async (t) => {
  const demo = new DemoRun(t, '--kept')
  assert.equal(await demo.exitCode(), 2)
  assert.match(demo.output, /^usage: pnpm demo \[--keep\]/)
})
