export { type Chosen, chooseAction } from './actions.ts'
export {
  numberOption,
  type OptionKind,
  type OptionSpecs,
  onlyPositional,
  type ParsedArguments,
  parseArguments,
  parseOptions,
  SHARED_OPTIONS,
  secondsOption,
} from './arguments.ts'
export type { Command, CommandIo } from './command.ts'
export {
  ConfigError,
  type ConfigTable,
  type EffectiveValue,
  type EffectiveValues,
  parseConfigText,
  readConfigText,
} from './config.ts'
export {
  formatSocketAddress,
  isTextList,
  type KeyKind,
  type KeyProblem,
  type KeySpec,
  parseSocketAddress,
  quoteValue,
  type SocketAddress,
} from './config-values.ts'
export { listenForHttp } from './listen-for-http.ts'
export { LOG_KEYS } from './log-keys.ts'
export { nearestName } from './nearest-name.ts'
export { fetchTrusting, nodeFetch } from './node-fetch.ts'
export { processIo, stopSignal } from './process-io.ts'
export { type Program, runProgram } from './program.ts'
export { RareLog } from './rare-log.ts'
export { StartRefusal, UsageError } from './refusal.ts'
export type { RereadFiles } from './reread-files.ts'
export { expiriesOf, openTlsFiles, readTlsFiles, type TlsMaterial, type TlsPaths } from './tls-files.ts'
export { isToken, openTokenFile, readTokenFile, TokenFile } from './token-file.ts'
