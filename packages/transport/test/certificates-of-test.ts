/** Certificates for tests on loopback, made once per test file. */
import {
  type CertifiedKey,
  generateAuthority,
  issueNodeCertificate,
  validForDays,
} from '../src/certificates.ts'
import type { StreamSecurity } from '../src/ws/desk.ts'

export const LOOPBACK_HOSTS = ['127.0.0.1', '::1', 'localhost'] as const

export function makeAuthority(name = 'test CA'): Promise<CertifiedKey> {
  return generateAuthority(name, validForDays(1, Date.now()))
}

export async function makeIdentity(
  authority: CertifiedKey,
  hosts: readonly string[] = LOOPBACK_HOSTS,
  validity: ReturnType<typeof validForDays> = validForDays(1, Date.now()),
): Promise<Exclude<StreamSecurity, 'plaintext'>> {
  const certified = await issueNodeCertificate(authority, { name: 'test node', hosts, validity })
  return { caPem: authority.certificatePem, ...certified }
}
