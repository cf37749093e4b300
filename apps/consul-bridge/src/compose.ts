/** Puts the bridge together and turns it until the signal: the only file that knows all parts. */
import { setTimeout as sleep } from 'node:timers/promises'
import { instant, Prng } from '@patina/base'
import { type Client, createClient } from '@patina/client'
import { formatSocketAddress, nodeFetch, openTokenFile } from '@patina/program'
import type { Logger } from 'pino'
import { Bridge } from './bridge.ts'
import type { Config } from './config.ts'
import { ConsulClient } from './consul-client.ts'
import { listenForStatus } from './status-listener.ts'
import { Telemetry } from './telemetry.ts'
import { VERSION } from './version.ts'

/** For the deletion at the end. */
const DEREGISTER_MS = 10_000

export function consulOf({ consul }: Config): ConsulClient {
  return new ConsulClient(consul)
}

/** Throws StartRefusal where the token file cannot be read; `failed` is told where it cannot be read again. */
export function patinaOf({ patina }: Config, failed: (message: string) => void): Client {
  const { address, tokenFile } = patina
  const tokens = openTokenFile(tokenFile, failed)
  return createClient({
    addresses: formatSocketAddress(address),
    token: () => tokens?.first(),
    fetch: nodeFetch,
  })
}

/** Resolves when the signal is aborted and what was under way is done. Throws StartRefusal. */
export async function runBridge(config: Config, log: Logger, signal: AbortSignal): Promise<void> {
  const consul = consulOf(config)
  const { node, pollMs, fullCompareMs, guard } = config
  const bridge = new Bridge({
    consul,
    patina: patinaOf(config, (message) => log.warn(message)),
    node,
    pollMs,
    fullCompareMs,
    guard,
    now: () => instant(performance.now()),
    wallMs: Date.now,
    prng: new Prng(crypto.getRandomValues(new Uint32Array(1))[0] as number),
  })
  const telemetry = new Telemetry({
    log,
    version: VERSION,
    stored: () => bridge.stored,
    expiries: () => consul.expiries(),
    clock: () => performance.now(),
  })
  const status = await listenForStatus(config.listen, telemetry.registry, () => ({
    health: telemetry.health,
    message: telemetry.message,
    node: bridge.node,
    version: VERSION,
  }))
  log.info(
    { consul: config.consul.address.href, patina: formatSocketAddress(config.patina.address) },
    'bridge runs',
  )
  try {
    await turnUntil(signal, bridge, telemetry)
    if (config.deregisterOnExit) await bridge.deregister(AbortSignal.timeout(DEREGISTER_MS))
  } finally {
    status.close()
    status.closeAllConnections()
    consul.close()
  }
}

/** A turn under way is finished: its write may be done already. */
async function turnUntil(signal: AbortSignal, bridge: Bridge, telemetry: Telemetry): Promise<void> {
  while (!signal.aborted) {
    const began = performance.now()
    telemetry.note(await bridge.turn(), bridge.node, (performance.now() - began) / 1_000)
    await sleep(bridge.pauseMs(), undefined, { signal }).catch(() => {})
  }
}
