import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BindError } from './bind-error.ts'

function bindError(code: string | undefined, host = '127.0.0.1'): BindError {
  return new BindError('UDP', host, 8787, Object.assign(new Error('cause'), { code }))
}

test('each failure is a kind and a sentence that says what to change', () => {
  const expected: readonly (readonly [string | undefined, string, RegExp])[] = [
    [
      'EADDRINUSE',
      'address-in-use',
      /^UDP 127\.0\.0\.1:8787 is in use by another process; .*gossip\.bind_addr$/,
    ],
    ['EADDRNOTAVAIL', 'address-not-here', /not an address of this host; .*gossip\.bind_addr$/],
    ['EACCES', 'not-permitted', /may not be bound by this user; choose a port above 1023/],
    ['EPERM', 'not-permitted', /may not be bound by this user/],
    ['EINVAL', 'failed', /could not be bound \(cause\); check gossip\.bind_addr$/],
    [undefined, 'failed', /could not be bound/],
  ]
  for (const [code, kind, message] of expected) {
    const error = bindError(code)
    assert.equal(error.kind, kind)
    assert.match(error.message, message)
    assert.equal((error.cause as Error).message, 'cause')
  }
  assert.match(bindError('EADDRINUSE', '::1').message, /^UDP \[::1\]:8787 /)
})
