/** The small world as far as one likes: `--length N` versions. A failure prints the history and the two copies. */
import { parseArgs } from 'node:util'
import { walk } from './small-scope.ts'

const { values } = parseArgs({ options: { length: { type: 'string', default: '3' } } })
const start = performance.now()
const { histories, merges } = walk(Number(values.length))
const seconds = (performance.now() - start) / 1000
console.log(`${histories} histories of ${values.length} versions, ${merges} merges, ${seconds.toFixed(1)} s`)
