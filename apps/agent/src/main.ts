#!/usr/bin/env node
/**
 * The executable `patina`: a command line, or with `--role=…` a child process of an agent.
 * Each loads only what it needs: main never loads SQLite, and the children load no sockets.
 */
import { once } from 'node:events'

const argv = process.argv.slice(2)

if (argv[0] === '--role=store') {
  const { runStore } = await import('./roles/store.ts')
  await runStore(argv[1] ?? '')
} else if (argv[0] === '--role=readers') {
  const { runReaders } = await import('./roles/readers.ts')
  await runReaders(argv[1] ?? '')
} else if (argv[0] === '--role=live-query') {
  const { runLiveQuery } = await import('./roles/live-query.ts')
  await runLiveQuery(argv[1] ?? '')
} else {
  const { runProgram } = await import('./commands/program.ts')
  // A pipe that is closed early (`patina query … | head`) is no fault of ours.
  process.stdout.on('error', () => process.exit(0))
  // Who closes our stderr wants to hear nothing; it ends nothing else.
  process.stderr.on('error', () => {})
  process.exitCode = await runProgram(argv, {
    out: (text) => process.stdout.write(text),
    taken: async () => {
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain')
    },
    err: (text) => process.stderr.write(text),
    environment: process.env,
    terminal: process.stdout.isTTY === true,
    interrupted: () => {
      const controller = new AbortController()
      process.once('SIGINT', () => controller.abort())
      return controller.signal
    },
  })
}
