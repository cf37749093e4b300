/** A program whose renderer is inside a template that does not end: `orphan.test.ts` kills it. Its argument is the template. */
import { Renderer } from '../src/renderer.ts'

const renderer = new Renderer()
const task = { values: {}, outputBytesMax: 1_000, results: new Map() }
await renderer.render({ ...task, source: `${process.argv[2]}.first`, timeoutMs: 10_000 })
process.stdout.write('rendering\n')
await renderer.render({ ...task, source: process.argv[2] as string, timeoutMs: 1_000 })
