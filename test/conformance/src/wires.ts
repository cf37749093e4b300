/** The wires that the table is played over, each with agents of its own where what it does leaves traces. */
import { CurlWire, hasCurl } from './curl-wire.ts'
import type { Profile } from './exchange.ts'
import { Http1Wire } from './http1-wire.ts'
import { Http2Wire } from './http2-wire.ts'
import { type Subject, startSubject } from './subject.ts'
import type { Wire } from './wire.ts'

type OpenWire = (port: number) => Wire

/** By their names. */
export const WIRES: ReadonlyMap<string, OpenWire> = wiresHere()

function wiresHere(): Map<string, OpenWire> {
  const wires = new Map<string, OpenWire>()
  wires.set('HTTP/1.1', (port) => new Http1Wire(port))
  wires.set('HTTP/2 with prior knowledge', (port) => new Http2Wire(port))
  if (hasCurl()) wires.set('HTTP/2 by curl', (port) => new CurlWire(port))
  return wires
}

/** An agent and who speaks to it. */
interface Cast {
  readonly profile: Profile
  readonly names: readonly string[]
}

export interface Stage {
  wire(name: string, profile: Profile): Wire
  end(): Promise<void>
}

/**
 * Starts all agents at once. Every wire has its own, because a scenario of subscriptions begins with one that nobody has
 * made before, and one of limits with nobody else under way. Only that with tokens keeps no traces and is shared.
 */
export async function setStage(profiles: readonly Profile[]): Promise<Stage> {
  const all = [...WIRES.keys()]
  const casts = profiles.flatMap((profile): Cast[] =>
    profile === 'guarded' ? [{ profile, names: all }] : all.map((name) => ({ profile, names: [name] })),
  )
  const wires = new Map<string, Wire>()
  const subjects: Subject[] = []
  const started = await Promise.allSettled(
    casts.map(async ({ profile, names }) => {
      const subject = await startSubject(profile)
      subjects.push(subject)
      for (const name of names) wires.set(`${name} ${profile}`, must(WIRES.get(name))(subject.port))
    }),
  )
  const end = async (): Promise<void> => {
    await Promise.all([...wires.values()].map((wire) => wire.close()))
    await Promise.all(subjects.map((subject) => subject.stop()))
  }
  const failed = started.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) {
    await end()
    throw failed.reason
  }
  return { wire: (name, profile) => must(wires.get(`${name} ${profile}`)), end }
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('no such wire, or no such profile on this stage')
  return value
}
