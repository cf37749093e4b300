/**
 * MemberCache: where members were met, kept in a file beside the database, so that an agent whose seeds are gone finds its
 * cluster again after a restart. A hint and nothing more: the file may be deleted, and junk in it is skipped.
 * Source: serf's snapshot, corrosion's __corro_members; addresses alone, as everything else is told anew by the members.
 */
import { isPeerAddress, type PeerAddress } from '@patina/base'
import type { MemberView } from '@patina/swim'
import { SideFile } from './side-file.ts'

/** Addresses kept, and of each region before any region has more. */
export const REMEMBERED_MAX = 256
const PER_REGION_FIRST = 5
const SAVE_INTERVAL_MS = 30_000
const FILE_BYTES_MAX = 65_536
const HEADER = '# Where this agent has met members of its cluster. It may be deleted.\n'

/** Where the addresses of an agent are kept. */
export function memberCachePath(databasePath: string): string {
  return `${databasePath}-members`
}

export class MemberCache {
  readonly #file: SideFile
  #wanted = ''
  #timer: NodeJS.Timeout | undefined

  constructor(path: string, warn: (reason: string) => void) {
    this.#file = new SideFile({ path, bytesMax: FILE_BYTES_MAX, warn })
  }

  /** The addresses of the file; none where there is no file or it cannot be read. */
  async load(): Promise<PeerAddress[]> {
    const lines = await this.#file.lines()
    return lines.filter(isPeerAddress).slice(0, REMEMBERED_MAX)
  }

  /** Takes note of the members; written half a minute later, or at the end. Nothing is forgotten while nobody is there. */
  note(members: readonly MemberView[]): void {
    const addresses = worthRemembering(members)
    if (addresses.length === 0) return
    this.#wanted = `${HEADER}${addresses.join('\n')}\n`
    if (this.#file.has(this.#wanted) || this.#timer !== undefined) return
    this.#timer = setTimeout(() => void this.save(), SAVE_INTERVAL_MS)
    this.#timer.unref()
  }

  /** Writes what was noted; a failure is told and not thrown. */
  save(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    return this.#wanted === '' ? Promise.resolve() : this.#file.write(this.#wanted)
  }
}

/** Members that are alive, those that have been so for longest first; some of each region before more of any. */
export function worthRemembering(members: readonly MemberView[]): PeerAddress[] {
  const byRegion = new Map<string, MemberView[]>()
  for (const member of members
    .filter(({ state }) => state === 'alive')
    .sort((a, b) => a.sinceMs - b.sinceMs)) {
    const { region } = member.metadata
    byRegion.set(region, [...(byRegion.get(region) ?? []), member])
  }
  const groups = [...byRegion.values()]
  const chosen = [
    ...groups.flatMap((group) => group.slice(0, PER_REGION_FIRST)),
    ...groups.flatMap((group) => group.slice(PER_REGION_FIRST)),
  ]
  return chosen.slice(0, REMEMBERED_MAX).map(({ address }) => address)
}
