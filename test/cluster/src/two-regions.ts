/**
 * TwoRegions: network namespaces of Linux, one for each agent, on two bridges with one line between them that is slow, loses
 * packets or is cut: real sockets, real retransmission, nothing of the agents is played. The API of each agent is reached by a
 * network of its own, which the line does not touch. Needs the rights to make namespaces and veth pairs. Where the kernel has
 * no netem, the line is narrow instead: what it cannot queue, it drops.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { AgentPlace } from './cluster.ts'

/** RFC 2544 keeps 198.18.0.0/15 for tests of networks. */
const GOSSIP_NET = '198.18.0'
const API_NET = '198.19.0'
const OWN_API_HOST = 254
/** A host number each; the last is this program's. */
const AGENTS_MAX = 200
const NAMESPACE = /^patina-(\d+)-/
const LINE_ENDS = ['line-a', 'line-b'] as const
const NETEM = ['netem', 'delay', '100ms', '10ms', 'loss', '5%'] as const
const NARROW = ['tbf', 'rate', '1mbit', 'burst', '8kb', 'latency', '100ms'] as const

/** Why this machine does not permit them; undefined where it does. */
export function regionsRefusal(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are Linux'
  const probe = namespaceOf('probe')
  const made = run('ip', ['netns', 'add', probe])
  if (made !== undefined) return made
  try {
    const links = ['link', 'add', 'name', 'one', 'type', 'veth', 'peer', 'name', 'other']
    return run('ip', ['-n', probe, ...links]) ?? run('ip', ['netns', 'exec', probe, 'true'])
  } finally {
    run('ip', ['netns', 'del', probe])
  }
}

export class TwoRegions {
  readonly places: ReadonlyMap<string, AgentPlace>
  readonly #world: string = namespaceOf('world')
  /** This program's end of the network by which it reaches the APIs. */
  readonly #ownLink = `pt${process.pid}`

  constructor(regions: { readonly a: readonly string[]; readonly b: readonly string[] }) {
    removeStale()
    const names = [...regions.a, ...regions.b]
    if (names.length > AGENTS_MAX) throw new RangeError(`more than ${AGENTS_MAX} agents`)
    this.places = new Map(names.map((name, at) => [name, placeOf(name, at + 1)]))
    try {
      this.#makeWorld()
      for (const name of names) this.#connect(name, regions.a.includes(name) ? 'region-a' : 'region-b')
    } catch (cause) {
      this.remove()
      throw cause
    }
  }

  /** Slows the line and lets it lose packets; says how. */
  shape(): string {
    const refused = this.#shapeWith(NETEM)
    if (refused === undefined) return `between the regions, each way: ${NETEM.join(' ')}`
    const why = `there is no netem here (${refused})`
    return this.#shapeWith(NARROW) === undefined
      ? `between the regions, each way: ${NARROW.join(' ')}, because ${why}`
      : `between the regions a good line, because ${why} and no tbf either`
  }

  cut(): void {
    this.#ip('link', 'set', LINE_ENDS[0], 'down')
  }

  heal(): void {
    this.#ip('link', 'set', LINE_ENDS[0], 'up')
  }

  /** When no agent runs any more. */
  remove(): void {
    for (const { namespace } of this.places.values()) run('ip', ['netns', 'del', namespace])
    run('ip', ['link', 'del', this.#ownLink])
    run('ip', ['netns', 'del', this.#world])
  }

  #makeWorld(): void {
    must(run('ip', ['netns', 'add', this.#world]))
    for (const bridge of ['region-a', 'region-b', 'apis']) {
      this.#ip('link', 'add', 'name', bridge, 'type', 'bridge')
      this.#ip('link', 'set', bridge, 'up')
    }
    this.#ip('link', 'add', 'name', LINE_ENDS[0], 'type', 'veth', 'peer', 'name', LINE_ENDS[1])
    this.#plug(LINE_ENDS[0], 'region-a')
    this.#plug(LINE_ENDS[1], 'region-b')
    must(
      run('ip', [
        'link',
        'add',
        'name',
        this.#ownLink,
        'type',
        'veth',
        'peer',
        'name',
        'own',
        'netns',
        this.#world,
      ]),
    )
    this.#plug('own', 'apis')
    must(run('ip', ['addr', 'add', `${API_NET}.${OWN_API_HOST}/24`, 'dev', this.#ownLink]))
    must(run('ip', ['link', 'set', this.#ownLink, 'up']))
  }

  #connect(name: string, region: string): void {
    const { namespace, hosts } = this.places.get(name) as AgentPlace
    must(run('ip', ['netns', 'add', namespace]))
    const within = (...words: readonly string[]): void => must(run('ip', ['-n', namespace, ...words]))
    within('link', 'set', 'lo', 'up')
    const number = hosts.gossip.split('.').at(-1)
    for (const [link, host, bridge] of [
      ['gossip', hosts.gossip, region],
      ['api', hosts.api, 'apis'],
    ] as const) {
      const plug = `${link}-${number}`
      within('link', 'add', 'name', link, 'type', 'veth', 'peer', 'name', plug, 'netns', this.#world)
      within('addr', 'add', `${host}/24`, 'dev', link)
      within('link', 'set', link, 'up')
      this.#plug(plug, bridge)
    }
  }

  #plug(link: string, bridge: string): void {
    this.#ip('link', 'set', link, 'master', bridge)
    this.#ip('link', 'set', link, 'up')
  }

  #shapeWith(words: readonly string[]): string | undefined {
    return LINE_ENDS.map((end) =>
      run('tc', ['-n', this.#world, 'qdisc', 'replace', 'dev', end, 'root', ...words]),
    ).find((refused) => refused !== undefined)
  }

  #ip(...words: readonly string[]): void {
    must(run('ip', ['-n', this.#world, ...words]))
  }
}

function placeOf(name: string, number: number): AgentPlace {
  const hosts = { gossip: `${GOSSIP_NET}.${number}`, api: `${API_NET}.${number}` }
  return { namespace: namespaceOf(name), hosts }
}

function namespaceOf(name: string): string {
  return `patina-${process.pid}-${name}`
}

/** What programs left that were killed. Their links go with their namespaces. */
function removeStale(): void {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  for (const line of (stdout ?? '').split('\n')) {
    const [namespace = ''] = line.split(' ')
    const pid = NAMESPACE.exec(namespace)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) run('ip', ['netns', 'del', namespace])
  }
}

/** undefined, or why it did not work. */
function run(program: string, words: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, words, { encoding: 'utf8' })
  if (error !== undefined) return error.message
  return status === 0 ? undefined : `${program} ${words.join(' ')}: ${stderr.trim()}`
}

function must(refused: string | undefined): void {
  if (refused !== undefined) throw new Error(refused)
}
