/**
 * The process that runs templates, so that one that never ends, or eats its memory, costs this process and nothing else. It
 * renders one file for each request; it asks nobody for anything. Its own time limit stops what runs in JavaScript and can
 * say where; who waits for it kills it where that does not help, and it ends with whoever has started it.
 */
import { runInThisContext } from 'node:vm'
import { EtaTemplates, TemplateError } from './eta-templates.ts'
import type { RenderAnswer, RenderOutcome, RenderReady, RenderRequest } from './render-message.ts'
import { RenderWords } from './render-words.ts'

const templates = new EtaTemplates()
const words = new RenderWords(templates)
Object.assign(globalThis, words.globals())

/** A script is what Node can stop; it calls what was put here. */
const RUN = Symbol.for('patina.render')
const run = globalThis as unknown as Record<symbol, () => string>

function render({ source, values, uses, timeoutMs, outputBytesMax }: RenderRequest): RenderOutcome {
  words.begin(uses)
  run[RUN] = () => templates.renderFile(source, values)
  try {
    const text = runInThisContext("globalThis[Symbol.for('patina.render')]()", {
      timeout: timeoutMs,
    }) as string
    if (words.incomplete) return { kind: 'incomplete' }
    const bytes = Buffer.byteLength(text)
    if (bytes <= outputBytesMax) return { kind: 'output', text }
    return failed(new Error(`the output has ${bytes} bytes, more than ${outputBytesMax}`), source)
  } catch (cause) {
    // Without its rows a template may fail in ways that are no fault of its own.
    if (words.incomplete && !isTimeout(cause)) return { kind: 'incomplete' }
    if (!isTimeout(cause)) return failed(cause, source)
    const { file, line } = templates.place
    const message = `it did not end within ${timeoutMs} ms`
    return { kind: 'failed', failure: { message, file, line, stopped: true } }
  }
}

function isTimeout(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

function failed(cause: unknown, file: string): RenderOutcome {
  if (cause instanceof TemplateError) return { kind: 'failed', failure: cause.failure }
  return {
    kind: 'failed',
    failure: { message: cause instanceof Error ? cause.message : String(cause), file },
  }
}

function send(message: RenderAnswer | RenderReady): void {
  // Whoever it is for may have ended; the end of the channel is then what ends this process.
  process.send?.(message, undefined, undefined, () => {})
}

// Terminals and service managers signal all processes; who has started this one decides when it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {})
process.once('disconnect', () => process.exit())
process.on('message', (request: RenderRequest) => {
  for (const key of request.forget) words.forget(key)
  for (const [key, outcome] of request.results) words.learn(key, outcome)
  const outcome = render(request)
  const { calls } = words
  send({ id: request.id, outcome, calls, files: templates.files(), digest: templates.digest() })
})
send({ id: 0 })
