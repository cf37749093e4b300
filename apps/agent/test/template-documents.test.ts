/** docs/templates.md names every setting, metric and word of templates, and no other; its configuration can be read. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { RESULT_ROWS_MAX, TEMPLATE_DEFAULTS } from '@patina/templating'
import { parseTemplateFile, SETTINGS } from '../src/commands/template-file.ts'
import { TemplateMetrics } from '../src/commands/template-metrics.ts'

const PAGE = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8')

/** First cells of the tables below a heading. */
function cellsUnder(heading: string): string[] {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| `([^|]+)` +\|/gm)].map(([, cell]) => cell as string)
}

test('settings', () => {
  assert.deepEqual(cellsUnder('Configuration file').sort(), Object.keys(SETTINGS).sort())
})

test('the default of each setting, as the file would say it', () => {
  const rows = [...PAGE.matchAll(/^\| `(\w+)` +\| `([^|]+)` +\|/gm)].map(
    ([, key, value]) => `${key} = ${value}`,
  )
  assert.ok(rows.length >= 10, `${rows.length} defaults`)
  const text = `${rows.join('\n')}\n[[template]]\nsource = "/a"\ndestination = "/b"\n`
  const { jobs } = parseTemplateFile(text, 'templates.toml', {})
  assert.deepEqual(jobs, [{ ...TEMPLATE_DEFAULTS, source: '/a', destination: '/b', command: [] }])
})

test('the configuration that is shown', () => {
  const text = /```toml\n(wait[\s\S]*?)```/.exec(PAGE)?.[1] ?? ''
  assert.equal(parseTemplateFile(text, '/etc/templates.toml', {}).jobs.length, 2)
})

test('metrics', async () => {
  const metrics = new TemplateMetrics(() => ({ followed: 0, stale: 0 }))
  const server = await metrics.listen({ host: '127.0.0.1', port: 0 })
  const address = server.address() as { port: number }
  const text = await (await fetch(`http://127.0.0.1:${address.port}/metrics`)).text()
  server.close()
  const exposed = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name as string)
  assert.deepEqual(cellsUnder('Metrics').sort(), exposed.sort())
})

test('limits', () => {
  assert.ok(PAGE.includes(`${RESULT_ROWS_MAX.toLocaleString('en')} rows`))
})
