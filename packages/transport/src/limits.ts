/** Every size, count and timeout of the transports. Table with reasons: docs/protocol.md. */
export const limits = {
  /**
   * Payload of a datagram. With prelude and tag (52), UDP and IP headers (28 or 48) it makes 1,280 bytes over IPv4 and
   * 1,300 over IPv6: below Ethernet (1,500) and the usual tunnels (1,420).
   */
  datagramPayloadBytesMax: 1_200,
  /** Receive buffer asked of the kernel: its default of 208 KB holds only 92 packets of 1,200 bytes. */
  datagramReceiveBufferBytes: 4_194_304,
  /** One message of a stream: a changeset chunk of at most 17 MiB and its envelope. */
  messageBytesMax: 18_874_368,
  /** One frame on the wire; longer messages are cut. */
  frameBytesMax: 65_536,
  /** Unsent bytes per session above which `send` drops. */
  sessionQueueBytesMax: 67_108_864,
  /** Of these, each lane leaves as many to every more urgent lane: backlog 12 MiB, repair 8, fresh 4. */
  laneReserveBytes: 4_194_304,
  /** Bytes that each queued message is charged beside its own, so that tiny messages are bounded in number too. */
  queuedMessageOverheadBytes: 64,
  /** Bytes handed to a socket and not yet taken by the kernel; above it frames wait where a higher lane can pass. */
  socketBufferBytesMax: 262_144,
  sessionsMax: 4_096,
  /** Incoming connections without a session. The oldest gives way, so that slow strangers cannot keep peers out. */
  pendingConnectionsMax: 256,
  connectTimeoutMs: 5_000,
  /** From the accepted connection to the end of the handshake, TLS and upgrade included. */
  helloTimeoutMs: 5_000,
  /** For what is queued, the goodbye and the closing handshake; then the connection is cut. */
  goodbyeTimeoutMs: 2_000,
  /** A session without a byte from the peer for this long is dead; half of it is the ping period. */
  sessionIdleMs: 30_000,
  /** A connection for the backlog that had nothing to carry in such a period is closed. */
  backlogIdleMs: 10_000,
  /** Of the backlog in one turn of the event loop, out and in, so that urgent messages wait for a fraction of a millisecond. */
  backlogTurnBytes: 262_144,
  /** After a backlog connection that failed or broke, its lane goes by the main connection for this long; doubles with each. */
  backlogRetryMs: 10_000,
  backlogRetryMaxMs: 600_000,
  /** A hello with everything that later versions may add. */
  helloBytesMax: 4_096,
  clusterIdBytesMax: 32,
  capabilitiesMax: 32,
  capabilityBytesMax: 64,
  /** The request line and headers of the upgrade. */
  upgradeHeaderBytesMax: 4_096,
  /** Sequence numbers below the newest that may still arrive: reordering of one process' packets. */
  replayWindowPackets: 1_024,
  /** Sending processes whose replay windows and derived keys are kept; the least recently heard goes first. */
  replayWindowsMax: 16_384,
  /** Keys of one secret file: the current one, and those of rotations under way. */
  keyringKeysMax: 16,
  /** Bytes of a certificate, key, CA or secret file. */
  securityFileBytesMax: 1_048_576,
  /** Undelivered datagrams of the in-memory network; more are lost, as in a full socket buffer. */
  memoryDatagramsMax: 65_536,
} as const
