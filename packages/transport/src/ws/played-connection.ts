/** A connection that a test plays: takes frames and flushes them when the test says so. For tests alone. */
import assert from 'node:assert/strict'
import type { Lane } from '@patina/base'
import { decodeFrame, encodeFrame, type Frame, type FrameKind } from '../framing.ts'
import type { ConnectionEvents } from './connection.ts'

export class PlayedConnection {
  readonly sent: string[] = []
  readonly #flushes: (() => void)[] = []
  lastFrame: Uint8Array | undefined
  unflushedBytes = 0
  bytesRead = 0
  pings = 0
  isPaused = false
  endedBy: string | undefined
  events: ConnectionEvents | undefined

  handOver(events: ConnectionEvents): void {
    this.events = events
  }

  send(bytes: Uint8Array, flushed?: () => void): void {
    this.sent.push(frameOf(bytes).kind)
    this.lastFrame = bytes
    this.unflushedBytes += bytes.length
    this.#flushes.push(() => {
      this.unflushedBytes -= bytes.length
      flushed?.()
    })
  }

  together(body: () => void): void {
    body()
  }

  certificateExpiresAtMs(): undefined {}

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  ping(): void {
    this.pings += 1
  }

  close(reason: string): void {
    this.sent.push('close')
    this.endedBy ??= reason
  }

  destroy(reason: string): void {
    this.endedBy ??= reason
    this.events?.ended(reason)
  }

  /** What the other end says. */
  receive(kind: FrameKind, lane: Lane, ...payload: number[]): void {
    this.events?.frameReceived(frameOf(encodeFrame(kind, lane, Uint8Array.from(payload))))
  }

  flushOne(): void {
    this.#flushes.shift()?.()
  }
}

export function frameOf(bytes: Uint8Array): Frame {
  const frame = decodeFrame(bytes)
  assert.ok(frame.ok)
  return frame.value
}
