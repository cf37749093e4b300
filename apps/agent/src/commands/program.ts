/** The program `patina`: its commands by name. */
import type { Program } from '@patina/program'
import { VERSION } from '../version.ts'
import { agentCommand } from './agent.ts'
import { backupCommand, restoreCommand, verifyCommand } from './backup.ts'
import { clusterCommand } from './cluster.ts'
import { consulCommand } from './consul.ts'
import { execCommand } from './exec.ts'
import { queryCommand } from './query.ts'
import { schemaCommand } from './schema.ts'
import { storeCommand } from './store.ts'
import { syncCommand } from './sync.ts'
import { templateCommand } from './template.ts'
import { tlsCommand } from './tls.ts'
import { watchCommand } from './watch.ts'

const SHARED_HELP = `options of every command:
  --config, -c FILE   configuration (default /etc/patina/config.toml)
  --api-addr IP:PORT  the agent to talk to (default: the first api.bind_addr)
  --token-file FILE   bearer token; else PATINA_TOKEN, else the configuration
  --json              results as JSON
exit codes: 0 done, 1 failed, 2 usage, 3 cannot reach the agent
`

export const PATINA: Program = {
  name: 'patina',
  meaning: 'SQLite on every host, replicated',
  version: VERSION,
  sharedHelp: SHARED_HELP,
  commands: {
    agent: agentCommand,
    query: queryCommand,
    exec: execCommand,
    watch: watchCommand,
    template: templateCommand,
    cluster: clusterCommand,
    schema: schemaCommand,
    store: storeCommand,
    sync: syncCommand,
    backup: backupCommand,
    restore: restoreCommand,
    verify: verifyCommand,
    tls: tlsCommand,
    consul: consulCommand,
  },
}
