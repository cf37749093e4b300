/**
 * T-H2: the disk is full. On a real file system of a few megabytes, mounted in a namespace of its own, which takes root and Linux;
 * skipped, with the reason, elsewhere.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { type LogLine, MAIN, temporaryFolder, writeConfig } from './agent-under-test.ts'

const DISK = '24m'
const BALLAST_BYTES = 12 * 1024 * 1024
const STEP_MS = 20_000

const mounts = spawnSync('unshare', ['-m', 'sh', '-c', `mount -t tmpfs -o size=${DISK} none /tmp`])
const skip = mounts.status === 0 ? false : 'needs root, unshare and mount, for a disk that is full'

/** The agent, twice on one small disk: with ballast beside its file, and without. Its log comes out, its exit codes between. */
const SCRIPT = `
mount -t tmpfs -o size=${DISK} none "$1" || exit 1
head -c ${BALLAST_BYTES} /dev/zero > "$1/ballast"
cp "$2"/* "$1"
"$3" --conditions=@patina/source "$4" agent -c "$1/config.toml" 2>&1
printf '{"msg":"exit","code":%d}\\n' $?
rm "$1/ballast"
exec "$3" --conditions=@patina/source "$4" agent -c "$1/config.toml" 2>&1
`

test('T-H2: a full disk ends the agent with a word; it lost nothing that it acknowledged, and starts when there is space', {
  skip,
}, async (t) => {
  const log = start(t)
  const first = await log.next((line) => line.msg === 'ready')
  const acknowledged: string[] = []
  let refused: Response | undefined
  for (let n = 0; refused === undefined; n += 1) {
    assert.ok(n < 1_000, 'the disk takes no end of it')
    const response = await write(first, `row-${n}`).catch(() => undefined)
    if (response?.status === 200) acknowledged.push(`row-${n}`)
    else if (response !== undefined || n > 0) refused = response ?? new Response(null, { status: 503 })
  }
  assert.ok(refused.status >= 500, `${refused.status}`)
  const word = await log.next((line) => line.msg === 'the agent must stop')
  assert.match(
    String(word.reason),
    /^the storage failed \(SQLITE_FULL\) at .*state\.db: database or disk is full/,
  )
  assert.equal((await log.next((line) => line.msg === 'exit')).code, 1)
  const second = await log.next((line) => line.msg === 'ready')
  const { base } = addressOf(second)
  const answer = await fetch(`${base}/v1/queries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify('SELECT id FROM items'),
  })
  const there = new Set([...(await answer.text()).matchAll(/row-\d+/g)].map(([id]) => id))
  assert.deepEqual(
    acknowledged.filter((id) => !there.has(id)),
    [],
  )
  assert.equal((await write(second, 'after')).status, 200)
})

interface Log {
  /** The next line from here on for which it holds. */
  readonly next: (wanted: (line: LogLine) => boolean) => Promise<LogLine>
}

function start(t: TestContext): Log {
  const [source, disk] = [temporaryFolder(t), temporaryFolder(t)]
  writeConfig(source)
  const child = spawn('unshare', ['-m', 'sh', '-c', SCRIPT, 'sh', disk, source, process.execPath, MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  t.after(async () => {
    if (child.exitCode !== null) return
    process.kill(-(child.pid as number), 'SIGKILL')
    await once(child, 'close')
  })
  const lines: LogLine[] = []
  let rest = ''
  let wake = (): void => {}
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) if (part.startsWith('{')) lines.push(JSON.parse(part))
    wake()
  })
  return {
    next: async (wanted) => {
      const deadline = performance.now() + STEP_MS
      for (;;) {
        for (let line = lines.shift(); line !== undefined; line = lines.shift()) if (wanted(line)) return line
        assert.ok(performance.now() < deadline, 'waited in vain for a line of the log')
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 100)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
    },
  }
}

function addressOf(ready: LogLine): { readonly base: string } {
  return { base: `http://${(ready.api as string[])[0]}` }
}

function write(ready: LogLine, id: string): Promise<Response> {
  return fetch(`${addressOf(ready).base}/v1/transactions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([['INSERT INTO items (id, t) VALUES (?, ?)', [id, 'x'.repeat(200_000)]]]),
    signal: AbortSignal.timeout(STEP_MS),
  })
}
