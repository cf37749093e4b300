export type { SqlStatement } from './statement.ts'
