/** A node in a process of its own, for tests that kill it: options on stdin, its address on stdout, ends on SIGTERM. */
import { text } from 'node:stream/consumers'
import { RecordingStreams } from '../src/contract/recording.ts'
import { testActor } from '../src/contract/streams-contract.ts'
import type { StreamSecurity } from '../src/ws/desk.ts'
import { listenWs } from '../src/ws/ws-streams.ts'

const { number, security } = JSON.parse(await text(process.stdin)) as {
  number: number
  security: StreamSecurity
}
const streams = await listenWs(
  { host: '127.0.0.1', port: 0, actor: testActor(number), clusterId: 'blue', security },
  new RecordingStreams(),
)
process.on('SIGTERM', () => void streams.close().then(() => process.exit(0)))
process.stdout.write(`${streams.local}\n`)
