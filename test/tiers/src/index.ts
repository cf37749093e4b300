export {
  AggregatorProcess,
  type AggregatorStatus,
  type Instance,
  PROGRAM,
  type RegionRoute,
} from './aggregator-process.ts'
export { type EntryChange, EntryWatch } from './entry-watch.ts'
export { type RegionPlan, ROLLUP, ROLLUP_QUERY, Tiers, type TiersOptions } from './tiers.ts'
