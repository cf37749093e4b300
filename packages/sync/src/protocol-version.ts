/** Version of proto/sync.proto's meaning. A test asserts the schema's hash: who changes the schema raises this. */
export const SYNC_PROTOCOL_VERSION = 1
