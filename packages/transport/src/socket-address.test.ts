import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundAddress, remotePeerAddress } from './socket-address.ts'

test('one peer has one address, whichever socket shows it', () => {
  assert.equal(boundAddress('127.0.0.1', 80), '127.0.0.1:80')
  assert.equal(boundAddress('::', 80), '[::]:80')
  assert.equal(remotePeerAddress('::ffff:10.0.0.1', 80), '10.0.0.1:80')
  assert.equal(remotePeerAddress('2001:db8::1', 80), '[2001:db8::1]:80')
})

test('who is gone, or has no address that could be dialled, is nobody', () => {
  assert.equal(remotePeerAddress(undefined, 80), undefined)
  assert.equal(remotePeerAddress('10.0.0.1', undefined), undefined)
  assert.equal(remotePeerAddress('10.0.0.1', 0), undefined)
  assert.equal(remotePeerAddress('fe80::1%eth0', 80), undefined)
})
