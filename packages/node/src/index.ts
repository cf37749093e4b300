export type { NodeEffect, NodeMetric } from './effect.ts'
export type { NodeEvent } from './event.ts'
