/** Every size, count and timeout of the transports. Table with reasons: docs/protocol.md. */
export const limits = {
  /** Payload of a datagram: fits an IPv6 minimum MTU of 1,280 with headers, prelude and tag. */
  datagramPayloadBytesMax: 1_200,
  /** One message of a stream: a changeset chunk of at most 17 MiB and its envelope. */
  messageBytesMax: 18_874_368,
  /** One frame on the wire; longer messages are cut. */
  frameBytesMax: 65_536,
  /** Unsent bytes per session above which `send` drops. */
  sessionQueueBytesMax: 67_108_864,
  sessionsMax: 4_096,
  connectTimeoutMs: 5_000,
  helloTimeoutMs: 5_000,
  /** A session without a byte from the peer for this long is dead; half of it is the ping period. */
  sessionIdleMs: 30_000,
  /** Sequence numbers below the newest that may still arrive: reordering of one process' packets. */
  replayWindowPackets: 1_024,
  /** Sending processes whose replay windows are kept; the least recently heard goes first. */
  replayWindowsMax: 16_384,
} as const
