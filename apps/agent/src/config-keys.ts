/**
 * The table of configuration keys: name, kind, default, bounds and one line of meaning each. Everything else about
 * configuration (parsing, overrides, errors, `docs/operations.md`) is derived from it. The names of superfly/corrosion
 * are kept where they exist, its short aliases included.
 */
import { type KeySpec, LOG_KEYS } from '@patina/program'
import { checkTokens } from './token-entries.ts'

const DAY_SECS = 86_400

export const CONFIG_KEYS: readonly KeySpec[] = [
  { name: 'node.name', kind: 'text', meaning: 'name of this member; default: the host name' },
  { name: 'node.region', kind: 'text', fallback: '', meaning: 'region of this member' },
  { name: 'node.tags', kind: 'text-map', fallback: {}, meaning: 'tags that other members see' },

  { name: 'db.path', kind: 'path', required: true, meaning: 'the database file; folders are created' },
  {
    name: 'db.schema_paths',
    kind: 'path-list',
    fallback: [],
    meaning: 'schema files, or folders whose *.sql are read in order of name',
  },
  {
    name: 'db.durability',
    kind: 'text',
    fallback: 'full',
    choices: ['full', 'normal'],
    meaning: 'full: answered when on disk; normal: answered at the commit',
  },
  {
    name: 'db.wal_limit',
    kind: 'integer',
    fallback: 1_073_741_824,
    min: 16_777_216,
    max: 1_099_511_627_776,
    meaning: 'bytes of the write-ahead log; who holds it is cut before',
  },

  {
    name: 'api.bind_addr',
    kind: 'address-list',
    fallback: ['127.0.0.1:8080'],
    alias: 'api.addr',
    meaning: 'where the HTTP API listens; one address or several',
  },
  {
    name: 'api.authorization.bearer-token',
    kind: 'text',
    alias: 'api.authz.bearer',
    secret: true,
    meaning: 'one token with all scopes',
  },
  {
    name: 'api.tokens',
    kind: 'checked',
    check: checkTokens,
    fallback: [],
    secret: true,
    meaning: '{ name, sha256, scopes }: tokens by the SHA-256 of their text; scopes read, write, admin',
  },
  {
    name: 'api.allow_unauthenticated',
    kind: 'flag',
    fallback: false,
    meaning: 'listen beyond loopback without tokens',
  },
  { name: 'api.cors_origins', kind: 'text-list', fallback: [], meaning: 'web origins that may call the API' },
  {
    name: 'api.hosts',
    kind: 'text-list',
    fallback: [],
    meaning: 'names accepted in the Host header beside IP addresses, localhost and the host name',
  },
  {
    name: 'api.endpoint_name',
    kind: 'text',
    meaning: 'requests that ask for another x-corrosion-requested-endpoint-name get 421',
  },

  {
    name: 'gossip.bind_addr',
    kind: 'address',
    required: true,
    alias: 'gossip.addr',
    meaning: 'where peers reach this member: one port number for UDP and TCP',
  },
  {
    name: 'gossip.external_addr',
    kind: 'address',
    meaning: 'the address told to peers where it is not the bound one',
  },
  {
    name: 'gossip.bootstrap',
    kind: 'text-list',
    fallback: [],
    meaning: 'members to join by: ip:port or host:port',
  },
  {
    name: 'gossip.cluster_id',
    kind: 'text',
    fallback: 'default',
    pattern: /^[a-z0-9-]{1,32}$/,
    meaning: 'name of the cluster, [a-z0-9-]{1,32}; kept in the database',
  },
  {
    name: 'gossip.secret_file',
    kind: 'path',
    meaning: 'cluster keys, base64, one a line; the first encrypts',
  },
  {
    name: 'gossip.allowed_networks',
    kind: 'text-list',
    fallback: [],
    meaning: 'networks whose datagrams are looked at, as 10.0.0.0/8; all where empty',
  },
  {
    name: 'gossip.urgent_tables',
    kind: 'text-list',
    fallback: [],
    meaning: 'tables whose changes are sent and applied before others, as deletions are',
  },
  {
    name: 'gossip.broadcast_bytes_per_sec',
    kind: 'integer',
    fallback: 10_485_760,
    min: 65_536,
    max: 1_099_511_627_776,
    meaning: 'what this member broadcasts in a second, counted for each receiver',
  },
  {
    name: 'gossip.origin_bytes_per_sec',
    kind: 'integer',
    fallback: 2_097_152,
    min: 65_536,
    max: 1_099_511_627_776,
    meaning:
      'of the writes of one member, what it broadcasts and what others take of it; the rest comes later',
  },
  {
    name: 'gossip.anti_entropy_bytes_per_sec',
    kind: 'integer',
    fallback: 67_108_864,
    min: 65_536,
    max: 1_099_511_627_776,
    meaning: 'what this member sends to members that catch up, all together',
  },
  {
    name: 'gossip.anti_entropy_peer_bytes_per_sec',
    kind: 'integer',
    fallback: 33_554_432,
    min: 65_536,
    max: 1_099_511_627_776,
    meaning: 'the same to one of them',
  },
  { name: 'gossip.plaintext', kind: 'flag', fallback: false, meaning: 'no encryption, no authentication' },
  { name: 'gossip.tls.ca_file', kind: 'path', meaning: 'certificates that sign peers' },
  { name: 'gossip.tls.cert_file', kind: 'path', meaning: "this member's certificate" },
  { name: 'gossip.tls.key_file', kind: 'path', meaning: 'its private key' },

  {
    name: 'admin.uds_path',
    kind: 'path',
    alias: 'admin.path',
    meaning: 'admin socket (accepted; the socket is not there yet)',
  },

  ...LOG_KEYS,
  {
    name: 'telemetry.prometheus.bind_addr',
    kind: 'address',
    alias: 'telemetry.prometheus.addr',
    meaning: 'a listener of its own for /metrics, without tokens',
  },

  limit('limits.body_bytes_max', 67_108_864, 1_024, 1_073_741_824, 'bytes of a request body (413)'),
  limit('limits.statements_max', 100_000, 1, 10_000_000, 'statements of a transaction (413)'),
  limit('limits.query_rows_max', 10_000_000, 1, 1_000_000_000, 'rows of a query; then an error line'),
  limit(
    'limits.query_bytes_max',
    1_073_741_824,
    1_024,
    1_099_511_627_776,
    'bytes of a query; then an error line',
  ),
  limit('limits.transactions_concurrent_max', 128, 1, 100_000, 'transactions under way (503)'),
  limit('limits.queries_concurrent_max', 128, 1, 100_000, 'queries under way, until their last byte (503)'),
  limit('limits.others_concurrent_max', 64, 1, 100_000, 'other requests under way, per route (503)'),
  limit('limits.transaction_timeout_secs', 60, 1, DAY_SECS, 'a transaction without `timeout`'),
  limit('limits.query_timeout_secs', 60, 1, DAY_SECS, 'a query without `timeout`: time that SQLite works'),
  limit('limits.timeout_secs_max', 3_600, 1, DAY_SECS, 'the longest `timeout` a client may ask for'),
  limit(
    'limits.client_stall_secs',
    60,
    1,
    DAY_SECS,
    'a client that takes no byte of an answer, or sends none of its body',
  ),
  limit('limits.store_timeout_secs', 120, 1, DAY_SECS, 'applying a batch of remote changes'),
  limit('limits.start_timeout_secs', 60, 1, DAY_SECS, 'a child process until it answers'),
  limit(
    'limits.process_bytes_max',
    2_147_483_648,
    134_217_728,
    1_099_511_627_776,
    'memory of a child process; above it the process is replaced',
  ),
  limit('limits.drain_secs', 10, 0, 3_600, 'requests under way at SIGTERM'),
]

function limit(name: string, fallback: number, min: number, max: number, meaning: string): KeySpec {
  return { name, kind: 'integer', fallback, min, max, meaning }
}
