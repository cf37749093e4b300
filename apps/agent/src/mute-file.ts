/**
 * MuteFile: the rules about whose changes are not broadcast, kept in a file beside the database. Members tell each other, so it matters
 * only when all of them are down at a time. Rules that unmute are kept, too: an older word that comes again must lose.
 */
import { type ActorId, COUNTER_MAX, type Hlc } from '@patina/base'
import type { MuteRule } from '@patina/sync'
import { SideFile } from './side-file.ts'

const HEADER = '# Whose changes an operator has muted, on all members. Use patina cluster mute and unmute.\n'
const LINE = /^([0-9a-f]{32}) (muted|unmuted) (\d{1,16})$/
const FILE_BYTES_MAX = 65_536

/** Where the rules of an agent are kept. */
export function muteFilePath(databasePath: string): string {
  return `${databasePath}-mutes`
}

export class MuteFile {
  readonly #file: SideFile

  constructor(path: string, warn: (reason: string) => void) {
    this.#file = new SideFile({ path, bytesMax: FILE_BYTES_MAX, warn })
  }

  /** Lines that are no rules are skipped. */
  async load(): Promise<MuteRule[]> {
    const lines = await this.#file.lines()
    return lines.flatMap((line): MuteRule[] => {
      const [, origin, what, at] = LINE.exec(line) ?? []
      if (origin === undefined || Number(at) > COUNTER_MAX) return []
      return [{ origin: origin as ActorId, muted: what === 'muted', at: Number(at) as Hlc }]
    })
  }

  save(rules: readonly MuteRule[]): Promise<void> {
    const lines = rules.map(({ origin, muted, at }) => `${origin} ${muted ? 'muted' : 'unmuted'} ${at}\n`)
    return this.#file.write(HEADER + lines.join(''))
  }
}
