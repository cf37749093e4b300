/** `patina consul …`: the bridge's own executable, `patina-consul`, with the rest of the line. Apps import no app. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Command, StartRefusal } from '@patina/program'

const EXECUTABLE = 'patina-consul'
/** Beside this program in a checkout, from source or built. */
const BESIDE = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts')
      ? '../../../consul-bridge/src/main.ts'
      : '../../../consul-bridge/dist/main.js',
    import.meta.url,
  ),
)
const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP']

export const consulCommand: Command = {
  usage: 'consul sync|compare|check|schema …',
  meaning: `the Consul bridge: starts ${EXECUTABLE}, whose --help says more`,
  options: {},
  run: (argv) => runBridge(argv),
}

/** Resolves to its exit code. Throws StartRefusal where it is not installed. */
async function runBridge(argv: readonly string[]): Promise<number> {
  const isHere = existsSync(BESIDE)
  const command = isHere ? process.execPath : EXECUTABLE
  const child = spawn(command, [...(isHere ? [...process.execArgv, BESIDE] : []), ...argv], {
    stdio: 'inherit',
  })
  // A terminal's Ctrl-C reaches both; a service manager's signal only this process.
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', (cause) =>
    reject(new StartRefusal(`${EXECUTABLE} cannot be started (${cause.message}); is it installed?`)),
  )
  child.once('exit', (code) => resolve(code ?? 1))
  return promise
}
