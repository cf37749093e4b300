/** Durations as people write them: `50ms`, `1.5s`, `5m`, `1h`. Pure. */
import { type Millis, millis } from '@patina/base'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Undefined where the text is no duration. */
export function parseDuration(text: string): Millis | undefined {
  const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text.trim()) ?? []
  return digits === undefined || unit === undefined
    ? undefined
    : millis(Number(digits) * (UNIT_MS[unit] as number))
}
