import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from '@patina/crdt-store'
import { CONFIG_KEYS } from '../src/config-keys.ts'

test('limits.statements_max and the bound of the store are one number', () => {
  const key = CONFIG_KEYS.find(({ name }) => name === 'limits.statements_max')
  assert.equal(key?.fallback, defaultLimits.statementsMax)
})
