/** The bytes around services, for those who test a wire and run no machine: vectors, tools. */
export { decodeSchemaWord, encodeSchemaWord, type SchemaWord } from './schema-word.ts'
export { addressed, SERVICE, unaddressed } from './service.ts'
