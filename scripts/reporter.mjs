// The spec report, then one plain closing line that counts every package.
import { Readable } from 'node:stream'
import { spec } from 'node:test/reporters'

export default async function* report(source) {
  let counts
  async function* watch() {
    for await (const event of source) {
      if (event.type === 'test:summary' && event.data.file === undefined) counts = event.data.counts
      yield event
    }
  }
  yield* Readable.from(watch()).compose(new spec())
  if (counts === undefined) return
  const failed = counts.tests - counts.passed - counts.skipped - counts.todo
  yield `\n# tests ${counts.tests}\n# pass ${counts.passed}\n# fail ${failed}\n${counts.passed} passed, ${failed} failed\n`
}
