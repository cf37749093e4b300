/**
 * `node --conditions=@patina/source test/conformance/src/vectors/generate.ts`: adds to the stored vectors what the code makes
 * and they lack. It changes none: where the code makes other bytes under a name, it says so and ends with 1.
 */
import { TOPICS } from './topics.ts'
import { grown, readVectors, writeVectors } from './vector-file.ts'

for (const topic of TOPICS) {
  const stored = readVectors(topic)
  const file = grown(topic, stored)
  writeVectors(topic, file)
  const added =
    file.vectors.length + file.refused.length - (stored?.vectors.length ?? 0) - (stored?.refused.length ?? 0)
  console.log(`${topic.name}: ${file.vectors.length} vectors, ${file.refused.length} refused, ${added} added`)
}
