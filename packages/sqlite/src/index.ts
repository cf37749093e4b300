export {
  type Database,
  type Durability,
  OpenError,
  type OpenErrorKind,
  type OpenOptions,
  openDatabase,
  openReader,
  setSynchronous,
} from './open.ts'
export type { SqlStatement } from './statement.ts'
export {
  bindableValues,
  CELL_BYTES_MAX,
  refuseValue,
  rowFromSqlite,
  type ValueError,
  valueFromSqlite,
} from './value-codec.ts'
