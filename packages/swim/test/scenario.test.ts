/**
 * Recorded scenarios: commands in, transcript of what the application hears out; a change of behaviour is a diff to review.
 * A file of scenarios/ has the commands, a line `---`, and the transcript. `PATINA_RECORD=1` writes the transcripts anew.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { actorOf, Network, type Told } from './network.ts'

const FOLDER = fileURLToPath(new URL('./scenarios/', import.meta.url))
const NODES_MAX = 16

for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.txt'))) {
  test(`scenario ${name}`, () => {
    const [commands = '', recorded = ''] = readFileSync(FOLDER + name, 'utf8').split('---\n')
    const transcript = play(commands)
    if (process.env.PATINA_RECORD === '1') writeFileSync(FOLDER + name, `${commands}---\n${transcript}`)
    else assert.equal(transcript, recorded)
  })
}

function play(commands: string): string {
  const lines = commands.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const network = new Network({ seed: 1 })
  for (const line of lines) run(network, line.split(' '))
  return network.told.map((told) => `${lineOf(told)}\n`).join('')
}

function run(network: Network, [verb, ...words]: readonly string[]): void {
  const numbers = words.map(Number)
  const [first = 0, second = 0] = numbers
  if (verb === 'cluster') network.startAll(first)
  else if (verb === 'run') network.run(first)
  else if (verb === 'start') network.start(first, [second])
  else if (verb === 'kill') network.kill(first, { sessions: words[1] === 'with-streams' })
  else if (verb === 'leave') network.feed(first, { kind: 'leave' })
  else if (verb === 'pause') network.pause(first, second)
  else if (verb === 'isolate') network.partition((node) => Number(numbers.includes(node)))
  else if (verb === 'heal') network.heal()
  else throw new Error(`unknown command: ${verb}`)
}

/** Milliseconds since the start, who hears it, what, of whom; and by whom it was accused. */
function lineOf({ atMs, node, notification }: Told): string {
  const head = `${String(Math.round(atMs - 1_000)).padStart(6)} n${node} ${notification.kind}`
  if (notification.kind === 'identity-clash') return `${head} at ${notification.address}`
  const { actor, generation, incarnation } = notification.member
  const by = 'accuser' in notification ? ` by n${nodeOf(notification.accuser)}` : ''
  return `${head} n${nodeOf(actor)} ${generation}.${incarnation}${by}`
}

function nodeOf(actor: string): number {
  return Array.from({ length: NODES_MAX }, (_, node) => node).findIndex((node) => actorOf(node) === actor)
}
