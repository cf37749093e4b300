/**
 * Topic: one format of the wire, as its vectors see it: values with their bytes, and bytes that are refused. A reader turns
 * bytes into a plain value, or into the reason of the refusal; how a value is written is the topic's own matter.
 */
import type { Plain } from './plain.ts'

export type Reading = { readonly value: Plain } | { readonly refused: string }

export interface Topic {
  /** Name of the file. */
  readonly name: string
  /** For whom reads the file. */
  readonly about: string
  /** Where docs/protocol.md has it. */
  readonly section: string
  readonly read: (bytes: Uint8Array, context: Plain) => Reading
  readonly samples: readonly Sample[]
  readonly junk: readonly Junk[]
}

export interface Sample {
  readonly name: string
  readonly bytes: Uint8Array
  /** What a reader must know besides: the number of rows, the keys. Default null. */
  readonly context?: Plain
}

export interface Junk extends Sample {
  /** Why nobody may take it. */
  readonly why: string
}
