/** The process' own streams and signals as a command sees them. */
import { once } from 'node:events'
import type { CommandIo } from './command.ts'

/** Aborted by Ctrl-C, or by a service manager; a second signal ends the program at once. */
export function stopSignal(io: Pick<CommandIo, 'interrupted'>): AbortSignal {
  const terminated = new AbortController()
  process.once('SIGTERM', () => terminated.abort())
  return AbortSignal.any([io.interrupted(), terminated.signal])
}

/** Call once: it decides what a closed stdout or stderr means for the process. */
export function processIo(): CommandIo {
  // A pipe that is closed early (`patina query … | head`) is no fault of ours.
  process.stdout.on('error', () => process.exit(0))
  // Who closes our stderr wants to hear nothing; it ends nothing else.
  process.stderr.on('error', () => {})
  return {
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
  }
}
