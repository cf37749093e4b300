#!/usr/bin/env node
/**
 * The executable `patina`: a command line, or with `--role=…` a child process of an agent.
 * Each loads only what it needs: main never loads SQLite, and the children load no sockets.
 */
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
  const { processIo, runProgram } = await import('@patina/program')
  const { PATINA } = await import('./commands/program.ts')
  process.exitCode = await runProgram(PATINA, argv, processIo())
}
