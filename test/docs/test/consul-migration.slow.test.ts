/** docs/consul-migration.md, line by line, between a real Consul and a real agent. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConsulProcess, consulBinary } from '@patina/test-consul'
import { ShellSession } from '../src/shell-session.ts'
import { blocksOf, textOf, typeInto } from '../src/typed-page.ts'

const binary = consulBinary()

/** What stands on a host before the bridge comes; a line of the page follows it in the same shell. */
const AGENT = `patina-consul schema > consul.sql
patina agent --config config.toml &
until patina query "SELECT 1" > /dev/null 2>&1; do sleep 0.1; done
`
const AGENT_CONFIG = `[db]
path = "state.db"
schema_paths = ["consul.sql"]
[gossip]
bind_addr = "127.0.0.1:8787"
plaintext = true
`

test('docs/consul-migration.md', { skip: binary.kind === 'absent' && binary.why }, async (t) => {
  assert.ok(binary.kind === 'there')
  const session = await ShellSession.open()
  t.after(() => session.close())
  const consul = await ConsulProcess.start({ binary: binary.path, port: session.portFor('8500') })
  t.after(() => consul.kill())
  await consul.register('web-1', { Name: 'web', Port: 7000, Address: '10.0.0.5' })
  const blocks = blocksOf('docs/consul-migration.md')
  session.write('config.toml', AGENT_CONFIG)
  session.write('consul.toml', textOf(blocks, 'toml'))
  await typeInto(session, `${AGENT}${textOf(blocks, 'sh')}`)
})
