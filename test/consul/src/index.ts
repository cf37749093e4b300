export { ConsulProcess, consulBinary } from './consul-process.ts'
