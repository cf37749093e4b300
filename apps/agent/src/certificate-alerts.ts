/**
 * CertificateAlerts: who is told, and how often, that a certificate ends: once at 30, 7 and 1 days before and once when it
 * has ended, for each certificate. Pure; when to look, and at which ones, is the business of certificates.ts.
 */

export interface Expiry {
  /** As people call it: `own`, `ca`, or a peer. */
  readonly of: string
  readonly expiresAtMs: number
}

export interface CertificateAlert extends Expiry {
  readonly level: 'warn' | 'error'
  /** Whole days until the end; 0 when it has come. */
  readonly days: number
}

const DAY_MS = 86_400_000
/** Most urgent first; 0: it has ended. */
const THRESHOLD_DAYS = [0, 1, 7, 30]
/** Certificates whose last alert is remembered: own, ca, and one of each peer. */
const TOLD_MAX = 4_098

export class CertificateAlerts {
  /** The threshold told last, by certificate: whose it is and when it ends. */
  readonly #told = new Map<string, number>()

  /** What is to be told now; nothing of it again. */
  look(expiries: readonly Expiry[], nowMs: number): readonly CertificateAlert[] {
    return expiries.flatMap((expiry) => {
      const leftMs = expiry.expiresAtMs - nowMs
      const threshold = THRESHOLD_DAYS.find((days) => leftMs <= days * DAY_MS)
      const name = `${expiry.of} ${expiry.expiresAtMs}`
      const told = this.#told.get(name)
      if (threshold === undefined || (told !== undefined && told <= threshold)) return []
      this.#remember(name, threshold)
      const days = Math.max(0, Math.floor(leftMs / DAY_MS))
      return [{ ...expiry, level: threshold === 0 ? 'error' : 'warn', days }]
    })
  }

  /** The one that was told longest ago is forgotten; it may be told once more. */
  #remember(name: string, threshold: number): void {
    this.#told.delete(name)
    this.#told.set(name, threshold)
    const oldest = this.#told.keys().next()
    if (this.#told.size > TOLD_MAX && !oldest.done) this.#told.delete(oldest.value)
  }
}
