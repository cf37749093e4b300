/**
 * VectorFile: the stored vectors of one topic. Files only grow: bytes that were once right must be read by every later
 * version, so a name keeps its bytes for good, and what the code writes otherwise from some day on gets a new name.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fromHex, type Plain, toHex } from './plain.ts'
import type { Junk, Sample, Topic } from './topic.ts'

const FOLDER: URL = new URL('../../vectors/', import.meta.url)

export interface Vector {
  readonly name: string
  readonly context?: Plain
  readonly value: Plain
  readonly hex: string
}

export interface Refusal {
  readonly name: string
  readonly why: string
  readonly context?: Plain
  readonly reason: string
  readonly hex: string
}

export interface VectorFile {
  readonly about: string
  readonly section: string
  readonly vectors: readonly Vector[]
  readonly refused: readonly Refusal[]
}

export function pathOf({ name }: Pick<Topic, 'name'>): string {
  return fileURLToPath(new URL(`${name}.json`, FOLDER))
}

export function readVectors(topic: Pick<Topic, 'name'>): VectorFile | undefined {
  const path = pathOf(topic)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as VectorFile) : undefined
}

export function writeVectors(topic: Topic, file: VectorFile): void {
  writeFileSync(pathOf(topic), `${JSON.stringify(file, null, 2)}\n`)
}

/** What is stored and what the code makes now, by name. Throws where a name has other bytes. */
export function grown(topic: Topic, stored: VectorFile | undefined): VectorFile {
  const { about, section } = topic
  return {
    about,
    section,
    vectors: merged(
      stored?.vectors ?? [],
      topic.samples.map((sample) => vectorOf(topic, sample)),
      topic,
    ),
    refused: merged(
      stored?.refused ?? [],
      topic.junk.map((junk) => refusalOf(topic, junk)),
      topic,
    ),
  }
}

function vectorOf(topic: Topic, { name, bytes, context }: Sample): Vector {
  const reading = topic.read(bytes, context ?? null)
  if ('refused' in reading) throw new Error(`${topic.name}, ${name}: refused as ${reading.refused}`)
  return { name, ...(context === undefined ? {} : { context }), value: reading.value, hex: toHex(bytes) }
}

function refusalOf(topic: Topic, { name, why, bytes, context }: Junk): Refusal {
  const reading = topic.read(bytes, context ?? null)
  if ('value' in reading) throw new Error(`${topic.name}, ${name}: taken, though ${why}`)
  return {
    name,
    why,
    ...(context === undefined ? {} : { context }),
    reason: reading.refused,
    hex: toHex(bytes),
  }
}

function merged<T extends { readonly name: string; readonly hex: string }>(
  stored: readonly T[],
  made: readonly T[],
  { name: topic }: Topic,
): T[] {
  if (new Set(made.map(({ name }) => name)).size !== made.length)
    throw new Error(`${topic}: a name stands twice`)
  for (const { name, hex } of made) {
    const before = stored.find((each) => each.name === name)
    if (before !== undefined && before.hex !== hex)
      throw new Error(`${topic}, ${name}: has other bytes now; they stay, the new ones get a new name`)
  }
  const known = new Set(stored.map(({ name }) => name))
  return [...stored, ...made.filter(({ name }) => !known.has(name))]
}

/** True where all that was read once is read still; a later version may know fields besides. */
function says(read: Plain, once: Plain): boolean {
  if (typeof once !== 'object' || once === null || typeof read !== 'object' || read === null)
    return read === once
  if (Array.isArray(once) !== Array.isArray(read)) return false
  if (Array.isArray(once) && once.length !== (read as readonly Plain[]).length) return false
  return Object.entries(once).every(([key, value]) => {
    const now = (read as { readonly [key: string]: Plain })[key]
    return now !== undefined && says(now, value)
  })
}

/** What is wrong with a stored file, as sentences. */
export function faultsOf(topic: Topic, { vectors, refused }: VectorFile): string[] {
  return [
    ...vectors.flatMap(({ name, context, value, hex }) => {
      const reading = topic.read(fromHex(hex), context ?? null)
      if ('refused' in reading) return [`${topic.name}, ${name}: refused as ${reading.refused}`]
      return says(reading.value, value) ? [] : [`${topic.name}, ${name}: read otherwise`]
    }),
    ...refused.flatMap(({ name, context, reason, hex }) => {
      const reading = topic.read(fromHex(hex), context ?? null)
      if ('value' in reading) return [`${topic.name}, ${name}: taken`]
      return reading.refused === reason
        ? []
        : [`${topic.name}, ${name}: refused as ${reading.refused}, not ${reason}`]
    }),
  ]
}
