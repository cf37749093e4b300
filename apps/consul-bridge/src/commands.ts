/** The commands of `patina-consul`. */
import { existsSync, readFileSync } from 'node:fs'
import {
  type Command,
  type CommandIo,
  type ParsedArguments,
  type Program,
  parseOptions,
  stopSignal,
} from '@patina/program'
import { compareNodes, type Difference } from './compare.ts'
import { consulOf, patinaOf, runBridge } from './compose.ts'
import { CONFIG_PATH_DEFAULT, type Config, loadConfig } from './config.ts'
import { mustAnswer } from './consul-client.ts'
import { VERSION } from './version.ts'

const OPTIONS = { config: 'text', help: 'flag' } as const
const SYNC_OPTIONS = { ...OPTIONS, 'deregister-on-exit': 'flag' } as const
const COMPARE_OPTIONS = { ...OPTIONS, node: 'texts', json: 'flag' } as const

const SCHEMA = new URL('../schema/consul.sql', import.meta.url)

const syncCommand: Command = {
  usage: 'sync [--config FILE] [--deregister-on-exit]',
  meaning: "import what the host's Consul agent has, until SIGTERM or SIGINT",
  options: SYNC_OPTIONS,
  async run(argv, io) {
    const parsed = parseOptions(argv, SYNC_OPTIONS)
    const config = configOf(parsed, io)
    const { createLog } = await import('@patina/program/log')
    const deregisterOnExit = config.deregisterOnExit || parsed.flag('deregister-on-exit')
    await runBridge({ ...config, deregisterOnExit }, createLog(config.log), stopSignal(io))
    return 0
  },
}

const compareCommand: Command = {
  usage: 'compare [--config FILE] [--node NAME]… [--json]',
  meaning:
    "what Consul's catalog and Patina's tables disagree on, of all nodes that are imported; exit code 1 where anything is",
  options: COMPARE_OPTIONS,
  async run(argv, io) {
    const parsed = parseOptions(argv, COMPARE_OPTIONS)
    const config = configOf(parsed, io)
    const consul = consulOf(config)
    try {
      const { differences, nodes, unimported } = await compareNodes({
        consul,
        patina: patinaOf(config, (message) => io.err(`${message}\n`)),
        nodes: parsed.texts('node'),
      })
      const isJson = parsed.flag('json')
      io.out(
        isJson ? `${JSON.stringify({ nodes, unimported, differences })}\n` : differences.map(lineOf).join(''),
      )
      if (!isJson && unimported.length > 0) io.err(`not imported: ${unimported.join(', ')}\n`)
      io.err(`${differences.length} differences at ${nodes} nodes\n`)
      return differences.length === 0 ? 0 : 1
    } finally {
      consul.close()
    }
  },
}

const checkCommand: Command = {
  usage: 'check [--config FILE]',
  meaning: 'is the configuration right, and does Consul answer with this token and these certificates?',
  options: OPTIONS,
  async run(argv, io) {
    const config = configOf(parseOptions(argv, OPTIONS), io)
    const consul = consulOf(config)
    try {
      const name = mustAnswer(await consul.nodeName())
      const { services, checks } = mustAnswer(await consul.readAgent())
      io.out(`node ${name}: ${services.size} services, ${checks.size} checks\n`)
      for (const [of, ms] of consul.expiries())
        io.out(`certificate ${of} ends ${new Date(ms).toISOString()}\n`)
      return 0
    } finally {
      consul.close()
    }
  },
}

const schemaCommand: Command = {
  usage: 'schema',
  meaning: "the tables that the bridge writes, as SQL for the agent's db.schema_paths",
  options: { help: 'flag' },
  async run(argv, io) {
    parseOptions(argv, { help: 'flag' })
    io.out(readFileSync(SCHEMA, 'utf8'))
    return 0
  },
}

export const PATINA_CONSUL: Program = {
  name: 'patina-consul',
  meaning: "Consul's services and checks in Patina's tables",
  version: VERSION,
  commands: { sync: syncCommand, compare: compareCommand, check: checkCommand, schema: schemaCommand },
  sharedHelp: `--config, -c FILE   configuration (default ${CONFIG_PATH_DEFAULT}; where there is none, defaults)
exit codes: 0 done, 1 failed or different, 2 usage, 3 cannot reach the agent
`,
}

function configOf(parsed: ParsedArguments, { environment }: CommandIo): Config {
  const path = parsed.text('config') ?? (existsSync(CONFIG_PATH_DEFAULT) ? CONFIG_PATH_DEFAULT : undefined)
  return loadConfig(path, environment)
}

function lineOf({ node, kind, id, problem, detail }: Difference): string {
  return `${node}  ${kind} ${id}  ${problem}${detail === '' ? '' : `: ${detail}`}\n`
}
