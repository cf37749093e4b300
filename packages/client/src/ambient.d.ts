/** Parts of ECMAScript 2026 that the es2024 library of the compiler does not name. Older browsers lack both. */
interface JSON {
  /** A value that `stringify` writes as this JSON text, digits and all. */
  rawJSON(text: string): object
  /** The reviver sees the source text of primitive values. */
  parse(
    text: string,
    reviver: (key: string, value: unknown, context?: { readonly source?: string }) => unknown,
  ): unknown
}

/** A decoder that is fed in pieces. Where the whole repository is checked at once, the cores' narrower word is merged with it. */
interface TextDecoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string
}
