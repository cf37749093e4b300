/**
 * Certificates of a running agent: reads the files again when they have changed or somebody asks, hands them to the
 * streams, tells when any certificate ends (its own, the CA's, those of peers) as gauges and in the log. Files that do not
 * belong together change nothing. What the files must be is transport's business.
 */
import { stat } from 'node:fs/promises'
import type { CertifiedStreams, TlsFiles, TlsIdentity } from '@patina/transport'
import type { Logger } from 'pino'
import { CertificateAlerts, type Expiry } from './certificate-alerts.ts'

/** Between two looks at the files. They are read when two looks in a row agree: three files are not written at once. */
const LOOK_MS = 5_000
/** Between two looks at the calendar. */
const ALERT_MS = 600_000

export interface CertificatesOptions {
  readonly files: TlsFiles
  readonly inUse: TlsIdentity
  readonly load: (files: TlsFiles) => Promise<TlsIdentity>
  readonly streams: Pick<CertifiedStreams, 'useCertificates' | 'peerCertificates'>
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Milliseconds since 1970. */
  readonly clock: () => number
}

export class Certificates {
  readonly #options: CertificatesOptions
  readonly #alerts = new CertificateAlerts()
  readonly #timers: readonly NodeJS.Timeout[]
  #inUse: TlsIdentity
  /** Of the files that were read last, and at the last look. */
  #read: string | undefined
  #seen: string | undefined

  constructor(options: CertificatesOptions) {
    this.#options = options
    this.#inUse = options.inUse
    this.#timers = [
      setInterval(() => void this.look(), LOOK_MS).unref(),
      setInterval(() => this.alert(), ALERT_MS).unref(),
    ]
    this.alert()
    void this.look()
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  /** Reads the files now. What came of it is in the log; where it fails, the ones in use stay. */
  async reload(): Promise<void> {
    const { files, load, streams, log } = this.#options
    try {
      const identity = await load(files)
      streams.useCertificates(identity)
      this.#inUse = identity
      const expires = new Date(identity.certificateExpiresAtMs).toISOString()
      log.info({ certificate: files.certificateFile, expires }, 'certificates read again')
      this.alert()
    } catch (cause) {
      const reason = (cause as Error).message
      log.error({ reason }, 'the certificates stay as they are')
    }
  }

  /** Reads the files where they are others than those that were read last. */
  async look(): Promise<void> {
    const now = await fingerprint(this.#options.files)
    const [before, read] = [this.#seen, this.#read]
    this.#seen = now
    // The first look is at the files that the start has read.
    this.#read ??= now
    if (read === undefined || now === read || now !== before) return
    this.#read = now
    await this.reload()
  }

  /** Tells in the log what is to be told by now. */
  alert(): void {
    const { log, clock, streams } = this.#options
    const { certificateExpiresAtMs, caExpiresAtMs } = this.#inUse
    const expiries: Expiry[] = [
      { of: 'own', expiresAtMs: certificateExpiresAtMs },
      { of: 'ca', expiresAtMs: caExpiresAtMs },
      ...streams.peerCertificates().map(({ peer, expiresAtMs }) => ({ of: peer.address, expiresAtMs })),
    ]
    for (const { of, expiresAtMs, level, days } of this.#alerts.look(expiries, clock())) {
      const fields = { of, expires: new Date(expiresAtMs).toISOString(), days }
      log[level](fields, level === 'error' ? 'a certificate has expired' : 'a certificate ends soon')
    }
  }

  /** Seconds since 1970, for /metrics: the own certificate, the CA's, and the first of the peers with a session. */
  expiries(): ReadonlyMap<string, number> {
    const peers = this.#options.streams.peerCertificates().map(({ expiresAtMs }) => expiresAtMs)
    const millis: [string, number][] = [
      ['own', this.#inUse.certificateExpiresAtMs],
      ['ca', this.#inUse.caExpiresAtMs],
    ]
    if (peers.length > 0) millis.push(['peers', peers.reduce((a, b) => Math.min(a, b))])
    return new Map(millis.map(([of, ms]) => [of, ms / 1_000]))
  }
}

/** What tells one state of the files from another; a file that is missing is part of a state, too. */
async function fingerprint({ caFile, certificateFile, keyFile }: TlsFiles): Promise<string> {
  const parts = [caFile, certificateFile, keyFile].map(async (file) => {
    try {
      const { ino, size, mtimeMs } = await stat(file)
      return `${ino} ${size} ${mtimeMs}`
    } catch (cause) {
      return String((cause as NodeJS.ErrnoException).code)
    }
  })
  return (await Promise.all(parts)).join(' / ')
}
