/** The demo as people run it: all of it, kept and tried out, and interrupted; each time nothing may be left. */
import assert from 'node:assert/strict'
import test, { describe } from 'node:test'
import { DemoRun } from './demo-run.ts'
import { TypedLines } from './typed-lines.ts'

const DEADLINE_MS = 180_000
const STEPS = [
  /^Three agents run and see each other: ams, nrt, syd/m,
  /^All three hold the same 10,000 rows/m,
  /^A write on ams can be read in nrt after /m,
  /^Six HTTP servers of the app web run/m,
  /^ {2}FROM instances i JOIN patina_members m /m,
  /^Killed the server web-ams-1: the checker on ams saw it after [\d.]+ m?s, nrt's live result lost it after [\d.]+ m?s\.$/m,
  /^Started web-ams-1 again: back in nrt's live result after /m,
  /^Killed the agent syd with SIGKILL: nrt's live result lost both of its servers after [\d.]+ m?s\.$/m,
  /^ {2}One change of membership did it \(syd is (?:suspect|down)\), and no write/m,
  /^ {2}syd was declared down after .* in ams and .* in nrt\.$/m,
  /^Meanwhile 400 changes were written on ams and nrt\.$/m,
  /^Started syd again: healthy after .* its servers back in nrt after /m,
  /^All three hold the same 9,998 rows/m,
] as const
const ENDED = /^All three ended in order\.$/m

/** Every step was told, in this order. */
function assertTold(output: string, steps: readonly RegExp[]): void {
  const places = steps.map((step) => output.search(step))
  assert.ok(!places.includes(-1), `${steps[places.indexOf(-1)]} is not in\n${output}`)
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
    output,
  )
}

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
