/**
 * Cleartext HTTP/2 with prior knowledge by curl: a client that nobody of this project has written. One process for each
 * request. The head is read from what `--verbose` says, because curl holds back its other forms until the body comes.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import type { Request } from './exchange.ts'
import { ANSWER_DEADLINE_MS, headersOf, type Wire, type WireAnswer } from './wire.ts'

/** True where curl is on this machine and can speak HTTP/2. */
export function hasCurl(): boolean {
  return /\bHTTP2\b/.test(spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout ?? '')
}

export class CurlWire implements Wire {
  readonly name = 'curl --http2-prior-knowledge'
  readonly #port: number
  readonly #running = new Set<ChildProcessWithoutNullStreams>()

  constructor(port: number) {
    this.#port = port
  }

  send(request: Request): Promise<WireAnswer> {
    const args = ['--http2-prior-knowledge', '--no-progress-meter', '--no-buffer', '--verbose']
    args.push('--max-time', String(ANSWER_DEADLINE_MS / 1_000), '--request', request.method)
    // curl sends a content-type of its own with a body unless it is told to send none.
    const headers = { 'content-type': '', ...headersOf(request) }
    for (const [name, value] of Object.entries(headers))
      if (name !== 'content-length') args.push('--header', value === '' ? `${name}:` : `${name}: ${value}`)
    if (request.body !== undefined) args.push('--data-binary', '@-')
    const child = spawn('curl', [...args, `http://127.0.0.1:${this.#port}${request.path}`])
    this.#running.add(child)
    child.once('close', () => this.#running.delete(child))
    // An agent that refuses a long body may close its ear before curl has said everything.
    child.stdin.on('error', () => {})
    child.stdin.end(request.body ?? '')
    return readHead(child)
  }

  async close(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL')
  }
}

function readHead(child: ChildProcessWithoutNullStreams): Promise<WireAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>()
  let said = ''
  let cancelled = false
  const cancel = (): void => {
    cancelled = true
    child.kill('SIGKILL')
  }
  // A transfer that breaks is a failure of the test, also where all bytes of the body have come.
  const ended = new Promise<void>((done, fail) => {
    child.once('close', (code) => {
      const failure = new Error(`curl ended with ${code}:\n${said}`)
      reject(failure)
      if (code === 0 || cancelled) done()
      else fail(failure)
    })
  })
  ended.catch(() => {})
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    said += text
    const head = /^< (HTTP\/2 [\s\S]*?)\r\n< \r\n/m.exec(said)?.[1]
    if (head !== undefined) resolve({ ...parseHead(head), body: bodyOf(child.stdout, ended), cancel })
  })
  return promise
}

function parseHead(head: string): Pick<WireAnswer, 'status' | 'headers'> {
  const [first = '', ...lines] = head.split('\r\n< ')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  return { status: Number(/^HTTP\/2 (\d{3})/.exec(first)?.[1]), headers: Object.fromEntries(headers) }
}

async function* bodyOf(stdout: AsyncIterable<Uint8Array>, ended: Promise<void>): AsyncGenerator<Uint8Array> {
  yield* stdout
  await ended
}
