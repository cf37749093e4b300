export { limits } from './limits.ts'
export type * from './transport.ts'
