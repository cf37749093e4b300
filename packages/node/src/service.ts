/** The first byte of each stream message: whom it is for. Numbers are never used twice. */

export const SERVICE = { swim: 1, sync: 2, schema: 3 } as const

/** The message as it goes out, in memory of its own. */
export function addressed(service: number, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1 + message.length)
  bytes[0] = service
  bytes.set(message, 1)
  return bytes
}

/** The service and a view of the rest; undefined where there is not even a byte. */
export function unaddressed(
  bytes: Uint8Array,
): { readonly service: number; readonly message: Uint8Array } | undefined {
  const service = bytes[0]
  return service === undefined ? undefined : { service, message: bytes.subarray(1) }
}
