/** An SQL identifier in quotes. The only way by which a name gets into SQL text. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
