/** The bytes of row changes, for those who test a wire and open no store: vectors, tools. */
export { decodePayload, type KeyedRowChange, PayloadWriter } from './core/changeset.ts'
