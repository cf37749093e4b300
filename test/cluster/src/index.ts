export { AgentApi, ApiError, type Member, type Parameter, readRows, type Statement } from './agent-api.ts'
export { AgentProcess, type ProcessExit, type ProcessOptions, withoutPatina } from './agent-process.ts'
export {
  type AgentPlace,
  Cluster,
  type ClusterOptions,
  NODE_NAMES,
  type NodeName,
  type RunningNode,
} from './cluster.ts'
export { CLUSTER_ID } from './cluster-files.ts'
export { type Content, type ContentNode, countRows, sameContent, untilEqual } from './content.ts'
export { findFreePorts } from './free-ports.ts'
export { LastWill } from './last-will.ts'
export { type MemberEvent, MemberWatch } from './member-watch.ts'
export { startCluster, untilListed, untilMembers } from './membership.ts'
export { MembershipTrials, type Recovery } from './membership-trials.ts'
export { foreignKeyring, Stranger, type StrangerPapers, strangerPapers } from './stranger.ts'
export { regionsRefusal, TwoRegions } from './two-regions.ts'
export { StepFailure, type WaitOptions, waitUntil } from './wait-until.ts'
