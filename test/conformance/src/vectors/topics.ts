/** All topics: a file each in test/conformance/vectors. */
import { headerTopic, payloadTopic } from './changesets.ts'
import { datagramTopic } from './datagrams.ts'
import { frameTopic, schemaTopic } from './frames.ts'
import { mergeTopic } from './merges.ts'
import { digestTopic, swimTopic } from './swim-packets.ts'
import { rootTopic, syncTopic } from './sync-messages.ts'
import type { Topic } from './topic.ts'

export const TOPICS: readonly Topic[] = [
  headerTopic,
  payloadTopic,
  mergeTopic,
  datagramTopic,
  swimTopic,
  digestTopic,
  frameTopic,
  schemaTopic,
  syncTopic,
  rootTopic,
]
