/** Parts of ECMAScript 2026 that Node 26 has and the es2024 library of the compiler does not name. */
interface JSON {
  /** A value that `stringify` writes as this JSON text, digits and all. */
  rawJSON(text: string): object
  /** The reviver sees the source text of primitive values. */
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
}
