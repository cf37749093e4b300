/**
 * `pnpm demo`: tells the story on a fresh cluster, prints its figures, and removes the cluster whatever happened.
 * Exit code 0: every step held. 1: one did not. 128 + n: ended by signal n.
 */
import { constants } from 'node:os'
import { Cluster } from '@patina/test-cluster'
import { formatMs, formatTable } from './figures.ts'
import { Story } from './story.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

process.exitCode = await run()

async function run(): Promise<number> {
  const start = performance.now()
  const interrupted = untilSignal()
  const cluster = new Cluster()
  process.once('exit', () => cluster.abandon())
  const story = new Story(cluster, (line) => console.log(line))
  let code: number
  try {
    code = await Promise.race([story.tell().then(() => 0), interrupted])
    if (code === 0) {
      story.figures.push({ what: 'the whole demo', value: formatMs(performance.now() - start) })
      console.log(`\nMeasured:\n${formatTable(story.figures)}`)
    }
  } catch (error) {
    console.error(`The demo failed: ${(error as Error).message}\n${cluster.logTails()}`)
    code = 1
  }
  await cluster.remove()
  // Requests that were under way when a signal came fail now, and nobody waits for them.
  if (code > 128) process.exit(code)
  return code
}

/**
 * 128 + the number of the first signal that asks this program to end. Later ones change nothing: it is ending. A reader
 * that goes away (`pnpm demo | head`) counts as SIGPIPE, which Node does not deliver.
 */
function untilSignal(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  for (const signal of SIGNALS) process.on(signal, () => resolve(128 + constants.signals[signal]))
  process.stdout.on('error', () => resolve(128 + constants.signals.SIGPIPE))
  return promise
}
