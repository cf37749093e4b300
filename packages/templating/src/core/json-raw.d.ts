/** A part of ECMAScript 2026 that the es2024 library of the compiler does not name. */
interface JSON {
  /** A value that `stringify` writes as this JSON text, digits and all. */
  rawJSON(text: string): object
}
