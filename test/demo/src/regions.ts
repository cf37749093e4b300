/**
 * `pnpm demo:regions`: tells the story of two tiers on fresh clusters, prints its figures, and removes everything whatever
 * happened. Exit code 0: every step held. 1: one did not. 2: usage. 128 + n: ended by signal n before the story was over.
 */
import { formatMs, formatTable } from './figures.ts'
import { RegionsStory } from './regions-story.ts'
import { untilSignal } from './signals.ts'

process.exitCode = await run(process.argv.slice(2))

async function run(argv: readonly string[]): Promise<number> {
  if (argv.some((word) => word !== '--')) {
    console.error('usage: pnpm demo:regions')
    return 2
  }
  const story = new RegionsStory((line) => console.log(line))
  process.once('exit', () => {
    story.abandonServers()
    story.tiers.abandon()
  })
  const interrupted = untilSignal()
  let code: number
  try {
    code = await Promise.race([tell(story), interrupted])
  } catch (error) {
    console.error(`The demo failed: ${(error as Error).message}\n${story.tiers.logTails()}`)
    code = 1
  }
  await story.remove()
  // Requests that were under way when a signal came fail now, and nobody waits for them.
  if (code > 128) process.exit(code)
  return code
}

async function tell(story: RegionsStory): Promise<0> {
  const start = performance.now()
  await story.tell()
  story.figures.push({ what: 'the whole demo', value: formatMs(performance.now() - start) })
  console.log(`\nMeasured:\n${formatTable(story.figures)}`)
  return 0
}
