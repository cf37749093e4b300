/** `patina template`: its options. template-program.ts does what they say. */
import { type Command, parseArguments, SHARED_OPTIONS } from '@patina/program'

const OPTIONS = {
  ...SHARED_OPTIONS,
  templates: 'text',
  once: 'flag',
  dry: 'flag',
  confirm: 'flag',
  wait: 'text',
  'no-guard': 'flag',
  'max-shrink': 'text',
  'guard-hold': 'text',
  perms: 'text',
  backup: 'flag',
  'command-timeout': 'text',
  'kill-signal': 'text',
  'metrics-addr': 'text',
  'ready-wait': 'text',
} as const

export const templateCommand: Command = {
  usage:
    'template [SOURCE:DESTINATION[:COMMAND]]… [--templates FILE] [--once [--confirm] | --dry] [--wait QUIET:CEILING] ' +
    '[--max-shrink SHARE] [--guard-hold TIME] [--no-guard] [--perms MODE] [--backup] [--command-timeout TIME] ' +
    '[--kill-signal NAME] [--metrics-addr IP:PORT] [--ready-wait TIME]',
  meaning: 'write files from live query results, and run a command after each change',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    // Loaded here and not above, so that the other commands start fast.
    const { runTemplates } = await import('./template-program.ts')
    return runTemplates(parsed, io)
  },
}
