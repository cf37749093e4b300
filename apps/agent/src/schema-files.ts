/** The schema files that db.schema_paths names: files as they are, folders by their *.sql in order of name. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { StartRefusal } from '@patina/program/refusal'

export interface SchemaText {
  readonly name: string
  readonly sql: string
}

/** A schema is written by hand; a file above this is something else. */
const SCHEMA_BYTES_MAX = 16_777_216

/** Throws StartRefusal. Folders are not searched deeper. */
export function readSchemaFiles(paths: readonly string[]): SchemaText[] {
  return paths.flatMap(filesOf).map((name) => ({ name, sql: readSchema(name) }))
}

function readSchema(name: string): string {
  try {
    return readFileSync(name, 'utf8')
  } catch (cause) {
    throw new StartRefusal(`db.schema_paths: cannot read ${name}: ${(cause as Error).message}`)
  }
}

function filesOf(path: string): string[] {
  try {
    const found = statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => name.endsWith('.sql'))
          .sort()
          .map((name) => join(path, name))
      : [path]
    const large = found.find((name) => statSync(name).size > SCHEMA_BYTES_MAX)
    if (large === undefined) return found
    throw new StartRefusal(
      `db.schema_paths: ${large} is longer than ${SCHEMA_BYTES_MAX} bytes; is it a schema?`,
    )
  } catch (cause) {
    if (cause instanceof StartRefusal) throw cause
    throw new StartRefusal(`db.schema_paths: cannot read ${path}: ${(cause as Error).message}`)
  }
}

/** Makes the folder of the database file. Throws StartRefusal. */
export function makeFolderOf(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
  } catch (cause) {
    throw new StartRefusal(`db.path: cannot make the folder of ${path}: ${(cause as Error).message}`)
  }
}
