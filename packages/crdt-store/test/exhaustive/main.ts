/**
 * The small world as far as one likes: `--length N` versions, on the merge alone or with `--stores` on real stores.
 * A failure prints what differs.
 */
import { parseArgs } from 'node:util'
import { tryOnStores } from './on-stores.ts'
import { histories, walk } from './small-scope.ts'

const { values } = parseArgs({
  options: { length: { type: 'string', default: '3' }, stores: { type: 'boolean', default: false } },
})
const start = performance.now()
const length = Number(values.length)
const told = values.stores ? onStores() : onTheMerge()
console.log(`${told}, ${((performance.now() - start) / 1000).toFixed(1)} s`)

function onStores(): string {
  return `${tryOnStores(histories(length))} deliveries of histories of ${length} versions on stores`
}

function onTheMerge(): string {
  const walked = walk(length)
  return `${walked.histories} histories of ${length} versions, ${walked.merges} merges`
}
