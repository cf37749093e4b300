/**
 * BindError: why an address could not be listened on, with a sentence that says what to change. Thrown at start-up by
 * the shells (udp, ws); nothing is left open when it is thrown. Whose fault: the configuration or the host.
 */

export type BindFailure = 'address-in-use' | 'address-not-here' | 'not-permitted' | 'failed'

/** `service` as an operator says it: the same port number is bound once for UDP and once for TCP. */
export class BindError extends Error {
  readonly kind: BindFailure
  readonly service: 'UDP' | 'TCP'
  readonly host: string
  readonly port: number

  constructor(service: 'UDP' | 'TCP', host: string, port: number, cause: Error) {
    const kind = bindFailure(cause)
    const at = `${service} ${host.includes(':') ? `[${host}]` : host}:${port}`
    super(sentence(kind, at, cause), { cause })
    this.name = 'BindError'
    this.kind = kind
    this.service = service
    this.host = host
    this.port = port
  }
}

const KINDS: { readonly [code: string]: BindFailure } = {
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-here',
  EACCES: 'not-permitted',
  EPERM: 'not-permitted',
}

function bindFailure(cause: Error): BindFailure {
  const code = (cause as NodeJS.ErrnoException).code
  return (code === undefined ? undefined : KINDS[code]) ?? 'failed'
}

function sentence(kind: BindFailure, at: string, cause: Error): string {
  switch (kind) {
    case 'address-in-use':
      return `${at} is in use by another process; stop that process or choose another port in gossip.bind_addr`
    case 'address-not-here':
      return `${at} is not an address of this host; put one of its addresses into gossip.bind_addr`
    case 'not-permitted':
      return `${at} may not be bound by this user; choose a port above 1023 in gossip.bind_addr`
    case 'failed':
      return `${at} could not be bound (${cause.message}); check gossip.bind_addr`
  }
}
