/**
 * Details: what a member tells of itself beyond its metadata, up to 64 KiB that nobody here reads. Gossip carries their
 * mark, length and checksum; who wants them asks the member itself (pulls.ts). Pure.
 * The checksum finds what was cut or is older, and no malice: who may speak as a member is the transport's to know.
 */
import { crc32 } from '@patina/base'

export const DETAILS_BYTES_MAX = 65_536

export interface DetailsMark {
  /** From 1 to DETAILS_BYTES_MAX. */
  readonly bytes: number
  /** CRC-32. */
  readonly checksum: number
}

/** What became of a pull. */
export type DetailsOutcome =
  | { readonly kind: 'found'; readonly details: Uint8Array }
  /** The member tells none. */
  | { readonly kind: 'none' }
  /** No such member, none that is up, or none that has answered in time. */
  | { readonly kind: 'unreachable' }
  /** Too many want some here, or theirs there; try again. */
  | { readonly kind: 'overloaded' }

/** Undefined for none. */
export function markOfDetails(details: Uint8Array | undefined): DetailsMark | undefined {
  if (details === undefined || details.length === 0) return undefined
  return { bytes: details.length, checksum: crc32(details) }
}

export function isMarkedBy(mark: DetailsMark | undefined, details: Uint8Array): boolean {
  return mark !== undefined && mark.bytes === details.length && mark.checksum === crc32(details)
}
