/**
 * Membership of real agents on loopback, five of them, or sixteen with `--large`: how soon a SIGKILL is seen by all
 * others, what a SIGSTOP of a minute and lost datagrams do, and whether anybody is ever called down who is there. Agents
 * stand behind forwarders of their own; all share the cores of this machine with this program.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Cluster, MembershipTrials, type Recovery } from '@patina/test-cluster'
import { type Bench, percentile, type Sample } from './src/sample.ts'

const AGENTS = process.argv.includes('--large') ? 16 : 5
/** Kills that are timed, and kills under loss. */
const KILLS = AGENTS
const KILLS_UNDER_LOSS = 3
const CALM_MS = 20_000
const STOP_MS = 60_000
const LOSS_MS = 60_000
const BLOCKED_MS = 60_000
const SETTLE_MS = 5_000
const ROTATION_STEP_MS = 5_000
const names = Array.from({ length: AGENTS }, (_, i) => `n${i + 1}`)

export const bench: Bench = {
  name: 'membership',
  repetitions: 1,
  repeat: async (repetition) => (repetition === 0 ? [] : measure()),
}

async function measure(): Promise<Sample[]> {
  const cluster = new Cluster({ names, links: 'proxied' })
  let trials: MembershipTrials | undefined
  try {
    const started = performance.now()
    await cluster.start()
    trials = new MembershipTrials(cluster)
    await trials.begin()
    const startMs = performance.now() - started
    return [
      sample(`${AGENTS} agents started, all know all`, startMs, 'ms'),
      ...(await runTrials(trials)),
      sample('members called down that were there', trials.mistakes().length, 'downs', { floor: 0 }),
    ]
  } finally {
    trials?.close()
    await cluster.remove()
  }
}

async function runTrials(trials: MembershipTrials): Promise<Sample[]> {
  const samples: Sample[] = []
  const during = async (what: string, run: () => Promise<Sample[]>): Promise<void> => {
    process.stderr.write(`membership: ${what}\n`)
    const [sinceMs, before] = [performance.now(), trials.mistakes().length]
    samples.push(...(await run()))
    const downs = trials.mistakes().length - before
    process.stderr.write(
      `membership: ${what}: ${trials.suspicionsSince(sinceMs)} suspicions told, ${downs} mistaken downs\n`,
    )
  }
  await during('calm', () => nothing(CALM_MS))
  await during('kills', async () =>
    spread('SIGKILL → down at all others', await killAll(trials, KILLS), 3_000),
  )
  await during('one stands still', async () =>
    stopped(
      'SIGCONT after 60 s → alive at all others',
      await trials.stop(names[1] as string, () => pause(STOP_MS)),
    ),
  )
  for (const share of [0.1, 0.3])
    await during(`${share * 100} % of all datagrams lost`, () => trials.losing(share, () => nothing(LOSS_MS)))
  await during('kills with 30 % loss', () =>
    trials.losing(0.3, async () =>
      spread('SIGKILL → down, 30 % lost', await killAll(trials, KILLS_UNDER_LOSS)),
    ),
  )
  await during('no datagram at all', () => trials.losing(1, () => nothing(BLOCKED_MS)))
  await nothing(SETTLE_MS)
  await during('another key, while one sleeps', async () =>
    stopped(
      'awake with the old key → alive at all others',
      await trials.rotateKey(names[2] as string, ROTATION_STEP_MS),
    ),
  )
  return samples
}

/** Time passes, and is watched. */
async function nothing(forMs: number): Promise<Sample[]> {
  await pause(forMs)
  return []
}

async function killAll(trials: MembershipTrials, count: number): Promise<number[]> {
  const all: number[] = []
  for (const name of names.slice(0, count)) {
    const tookMs = await trials.kill(name)
    process.stderr.write(`membership: ${name} down at the last after ${Math.round(Math.max(...tookMs))} ms\n`)
    all.push(...tookMs)
  }
  return all
}

function stopped(what: string, { aliveMs, accused }: Recovery): Sample[] {
  return [
    ...spread(what, aliveMs),
    sample(`${what}: whom it called down`, accused.length, 'downs', { floor: 0 }),
  ]
}

function spread(what: string, samples: readonly number[], floor?: number): Sample[] {
  return [0.5, 0.99, 1].map((share) => {
    const name = share === 1 ? 'longest' : `p${share * 100}`
    const goal = floor === undefined || share !== 0.99 ? undefined : { floor }
    return sample(`${what}, ${name}`, percentile(samples, share), 'ms', goal)
  })
}

function sample(what: string, value: number, unit: Sample['unit'], goal?: Sample['goal']): Sample {
  return { what, value, unit, ...(goal === undefined ? {} : { goal }) }
}
