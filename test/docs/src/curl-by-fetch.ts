/**
 * The part of curl that the pages use, for machines without it: `-s`, `-f` (as `-sf` too), `-N`, `-H`, `-d` and a URL. Prints
 * the body as it comes; exit code 7 without a connection, 22 with `-f` for a status from 400 on.
 */
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    fail: { type: 'boolean', short: 'f' },
    'no-buffer': { type: 'boolean', short: 'N' },
    header: { type: 'string', short: 'H', multiple: true },
    data: { type: 'string', short: 'd' },
  },
})
const headers = (values.header ?? []).map((line) => line.split(/: */, 2) as [string, string])
const request = values.data === undefined ? { headers } : { headers, method: 'POST', body: values.data }
const url = positionals[0] ?? ''
try {
  const response = await fetch(url.includes('://') ? url : `http://${url}`, request)
  const failed = values.fail === true && response.status >= 400
  if (failed) process.exitCode = 22
  else for await (const chunk of response.body ?? []) process.stdout.write(chunk)
} catch {
  process.exitCode = 7
}
