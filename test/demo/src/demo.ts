/**
 * `pnpm demo [--keep]`: tells the story on a fresh cluster, prints its figures, and removes the cluster whatever happened.
 * With --keep it leaves everything running until a signal, and prints what to try.
 * Exit code 0: every step held. 1: one did not. 2: usage. 128 + n: ended by signal n before the story was over.
 */
import { Cluster } from '@patina/test-cluster'
import { INSTANCES_SCHEMA, LIVE_QUERY, WATCHER } from './discovery.ts'
import { formatMs, formatTable } from './figures.ts'
import { invitation } from './invitation.ts'
import { untilSignal } from './signals.ts'
import { Story } from './story.ts'

process.exitCode = await run(process.argv.slice(2))

async function run(argv: readonly string[]): Promise<number> {
  // `pnpm demo -- --keep` passes the two dashes on.
  const words = argv.filter((word) => word !== '--')
  if (words.some((word) => word !== '--keep')) {
    console.error('usage: pnpm demo [--keep]\n  --keep  leave the cluster running until Ctrl-C, to try it')
    return 2
  }
  return await perform(words.length > 0)
}

async function perform(keep: boolean): Promise<number> {
  const interrupted = untilSignal()
  const cluster = new Cluster({ schemaFiles: [INSTANCES_SCHEMA] })
  const story = new Story(cluster, (line) => console.log(line))
  process.once('exit', () => {
    story.discovery.abandon()
    cluster.abandon()
  })
  let code: number
  try {
    code = await Promise.race([tell(story, keep), interrupted])
    if (code === 0 && keep) {
      console.log(`\n${invite(cluster, story)}`)
      await interrupted
      // Behind the ^C of a terminal.
      console.log()
      await story.end()
    }
  } catch (error) {
    console.error(`The demo failed: ${(error as Error).message}\n${cluster.logTails()}`)
    code = 1
  }
  await story.discovery.remove()
  await cluster.remove()
  // Requests that were under way when a signal came fail now, and nobody waits for them.
  if (code > 128) process.exit(code)
  return code
}

async function tell(story: Story, keep: boolean): Promise<0> {
  const start = performance.now()
  await story.tell()
  if (!keep) await story.end()
  story.figures.push({ what: 'the whole demo', value: formatMs(performance.now() - start) })
  console.log(`\nMeasured:\n${formatTable(story.figures)}`)
  return 0
}

function invite(cluster: Cluster, { discovery }: Story): string {
  return invitation({
    folder: cluster.folder,
    nodes: cluster.nodes(),
    servers: discovery.servers.list(),
    watcher: cluster.node(WATCHER),
    query: LIVE_QUERY.join(' '),
  })
}
