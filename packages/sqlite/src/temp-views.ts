/**
 * Views of the schema files, as TEMP views of a connection: a view that is stored in the file cannot see local tables, and
 * these can. Their definitions lie in a table of the file, which the store writes and every connection follows; a change of
 * it is a change of the file's schema, so that whoever watches `schema_version` hears of it.
 */
import type { Database } from './open.ts'

/** `name` (folded) and `body`, which is what follows the name in CREATE VIEW. May be missing. */
export const VIEWS_TABLE = '__patina_views'

interface ViewRow {
  readonly name: string
  readonly body: string
}

export class TempViews {
  readonly #db: Database
  readonly #isReader: boolean
  #views: readonly ViewRow[] = []

  /** `reader`: the connection refuses writes by `query_only`, which is off for the moment of our own statements. */
  constructor(db: Database, kind: 'reader' | 'writer') {
    this.#db = db
    this.#isReader = kind === 'reader'
  }

  /** Brings the connection to what the file says now. Call while no statement of the connection is open. */
  follow(): void {
    const views = this.#read()
    if (isSame(views, this.#views)) return
    this.#writable(() => {
      for (const { name } of this.#views) this.#db.exec(`DROP VIEW temp.${quote(name)}`)
      this.#views = []
      for (const view of views) this.#db.exec(`CREATE TEMP VIEW ${quote(view.name)}${view.body}`)
      this.#views = views
    })
  }

  /** Folded. */
  names(): readonly string[] {
    return this.#views.map(({ name }) => name)
  }

  /** For an inspector, behind the definitions of tables. */
  definitions(): readonly string[] {
    return this.#views.map(({ name, body }) => `CREATE VIEW ${quote(name)}${body}`)
  }

  #read(): ViewRow[] {
    const exists = this.#db.prepare('SELECT 1 FROM main.sqlite_schema WHERE name = ?').get(VIEWS_TABLE)
    if (exists === undefined) return []
    return this.#db.prepare<[], ViewRow>(`SELECT name, body FROM main.${VIEWS_TABLE} ORDER BY name`).all()
  }

  #writable(write: () => void): void {
    if (!this.#isReader) {
      write()
      return
    }
    this.#db.pragma('query_only=OFF')
    try {
      write()
    } finally {
      this.#db.pragma('query_only=ON')
    }
  }
}

function isSame(a: readonly ViewRow[], b: readonly ViewRow[]): boolean {
  return a.length === b.length && a.every(({ name, body }, i) => name === b[i]?.name && body === b[i]?.body)
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
