/** The configuration keys of a log, the same in every program; log.ts does what they say. */
import type { KeySpec } from './config-values.ts'

export const LOG_KEYS: readonly KeySpec[] = [
  {
    name: 'log.level',
    kind: 'text',
    fallback: 'info',
    choices: ['trace', 'debug', 'info', 'warn', 'error'],
    meaning: 'least level that is written',
  },
  {
    name: 'log.format',
    kind: 'text',
    fallback: 'plaintext',
    choices: ['plaintext', 'json'],
    meaning: 'form of a log line',
  },
]
