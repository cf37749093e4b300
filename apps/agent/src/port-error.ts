/** A port error for people. */
import type { PortError } from '@patina/base'

/** One sentence; for a process that refused to start, its own. */
export function sentenceOf(error: PortError): string {
  if (error.kind === 'failed') return error.message
  if (error.kind === 'timeout') return `no answer within ${Math.round(error.afterMs)} ms`
  return error.kind === 'lost' ? error.reason : 'its queue is full'
}
