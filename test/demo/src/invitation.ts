/**
 * The invitation of `demo --keep`: what runs where, and lines to paste into another terminal at the checkout's root, each
 * under its caption and two blanks from the left. Pure.
 */
import type { AppServer } from './app-servers.ts'

/** An agent as far as one can call it. */
export interface CallableNode {
  readonly name: string
  readonly apiPort: number
}

export interface Kept {
  readonly folder: string
  readonly nodes: readonly CallableNode[]
  /** The first one is offered to be killed; another of its node lends its port to one that is added. */
  readonly servers: readonly AppServer[]
  /** Where the live result is. */
  readonly watcher: CallableNode
  readonly query: string
}

const JSON_HEADER = `-H 'content-type: application/json'`
const SELECT = 'SELECT id, node, port, state FROM instances'
const INSERT = 'INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?)'

export function invitation({ folder, nodes, servers, watcher, query }: Kept): string {
  const [server] = servers as readonly [AppServer, ...AppServer[]]
  const { id, app, node, pid } = server
  const lender = servers.findLast((other) => other.node === node) as AppServer
  const host = nodes.find(({ name }) => name === node) as CallableNode
  const added = [`${app}-${node}-3`, app, node, '127.0.0.1', lender.port, 'starting']
  return `All of it runs on until Ctrl-C.
${nodes.map((agent) => `  agent   ${agent.name}        ${url(agent)}`).join('\n')}
${servers.map((one) => `  server  ${one.id}  http://127.0.0.1:${one.port}  process ${one.pid}`).join('\n')}
  files   ${folder}

To try in another terminal, in this folder. The live result in ${watcher.name}, each change as it happens:
  npx -y pnpm@12 patina watch "${query}" --api-addr 127.0.0.1:${watcher.apiPort}
While it runs, one more server on ${node} (${lender.id} under another name); its checker finds it, ${watcher.name} has it:
  curl -s ${url(host)}/v1/transactions ${JSON_HEADER} -d '${JSON.stringify([[INSERT, added]])}'
Then ${id} dies:
  kill -9 ${pid}
What every agent's table says, and whom ${watcher.name} believes to be alive:
  curl -s ${url(watcher)}/v1/queries ${JSON_HEADER} -d '${JSON.stringify(SELECT)}'
  curl -s ${url(watcher)}/v1/members`
}

function url({ apiPort }: CallableNode): string {
  return `http://127.0.0.1:${apiPort}`
}
