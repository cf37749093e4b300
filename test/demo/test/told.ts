/** What the demo tells, line by line: expected of its output and of the sample that README.md shows. */
import assert from 'node:assert/strict'

export const STEPS: readonly RegExp[] = [
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
]
export const ENDED: RegExp = /^All three ended in order\.$/m

/** Every step was told, in this order. */
export function assertTold(output: string, steps: readonly RegExp[]): void {
  const places = steps.map((step) => output.search(step))
  assert.ok(!places.includes(-1), `${steps[places.indexOf(-1)]} is not in\n${output}`)
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
    output,
  )
}
