import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { SystemdNotify, watchdogMs } from '../src/systemd-notify.ts'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

const STEP_MS = 10_000

interface Systemd {
  readonly environment: NodeJS.ProcessEnv
  /** What it was told, in order. */
  words(): string[]
  untilTold(word: string, times?: number): Promise<void>
}

/** An environment in which `systemd-notify` writes what it is given into a file. */
function systemd(folder: string, watchdogUsec?: number): Systemd {
  const told = join(folder, 'told')
  const program = join(folder, 'systemd-notify')
  writeFileSync(program, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> '${told}'\n`)
  chmodSync(program, 0o755)
  const words = (): string[] => (existsSync(told) ? readFileSync(told, 'utf8').trimEnd().split('\n') : [])
  return {
    environment: {
      ...process.env,
      PATH: `${folder}:${process.env.PATH}`,
      NOTIFY_SOCKET: '/its/socket',
      ...(watchdogUsec === undefined ? {} : { WATCHDOG_USEC: String(watchdogUsec) }),
    },
    words,
    untilTold: async (word, times = 1) => {
      const deadline = performance.now() + STEP_MS
      while (words().filter((line) => line === `/its/socket ${word}`).length < times) {
        assert.ok(performance.now() < deadline, `${word} was told ${times} times: ${words()}`)
        await pause(10)
      }
    },
  }
}

test('the watchdog is told at half of its time, and only by the process that it waits for', () => {
  const ms = (environment: NodeJS.ProcessEnv): number | undefined => watchdogMs({ environment, pid: 7 })
  assert.equal(ms({ WATCHDOG_USEC: '30000000' }), 15_000)
  assert.equal(ms({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }), 15_000)
  assert.equal(ms({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }), undefined)
  assert.equal(ms({ WATCHDOG_USEC: '1' }), 1)
  for (const wrong of ['', '0', '-5', 'soon']) assert.equal(ms({ WATCHDOG_USEC: wrong }), undefined)
  assert.equal(ms({}), undefined)
})

test('where no service manager asks, nothing is run; a word that cannot be told is warned of once', async (t) => {
  const folder = temporaryFolder(t)
  const { environment, words } = systemd(folder)
  const warnings: string[] = []
  const warn = (reason: string): void => void warnings.push(reason)
  new SystemdNotify({ environment: { ...environment, NOTIFY_SOCKET: '' }, pid: 1, warn }).ready()
  const mute = new SystemdNotify({ environment: { ...environment, PATH: '/nowhere' }, pid: 1, warn })
  mute.ready()
  mute.stopping()
  const deadline = performance.now() + STEP_MS
  while (warnings.length === 0 && performance.now() < deadline) await pause(10)
  await pause(50)
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] as string, /systemd-notify/)
  assert.deepEqual(words(), [])
})

test('an agent says that it is ready, that it lives, and that it stops', async (t) => {
  const folder = temporaryFolder(t)
  const { environment, words, untilTold } = systemd(folder, 200_000)
  const agent = await AgentUnderTest.start(t, writeConfig(folder), { env: environment })
  await untilTold('WATCHDOG=1', 2)
  assert.equal(words()[0], '/its/socket READY=1')
  assert.equal((await agent.stop()).code, 0)
  await untilTold('STOPPING=1')
  assert.equal(words().filter((line) => line.endsWith('READY=1')).length, 1)
})

test('of a supervised agent the supervisor speaks, once it has started', async (t) => {
  const folder = temporaryFolder(t)
  const { environment, words, untilTold } = systemd(folder, 200_000)
  const options = { env: environment, args: ['--supervise'] }
  const agent = await AgentUnderTest.start(t, writeConfig(folder), options)
  await untilTold('WATCHDOG=1')
  assert.equal((await agent.stop()).code, 0)
  await untilTold('STOPPING=1')
  assert.equal(words().filter((line) => line.endsWith('READY=1')).length, 1)
})
