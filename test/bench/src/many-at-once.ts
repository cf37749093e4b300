/** ManyAtOnce: the same step again and again, a fixed number under way at a time; and what that took. */

/** Steps a second. Each worker begins its next step when its last one has ended. */
export async function stepsPerSecond(
  { steps, width }: { readonly steps: number; readonly width: number },
  step: (worker: number) => Promise<unknown>,
): Promise<number> {
  let begun = 0
  const start = performance.now()
  const worker = async (_: unknown, at: number): Promise<void> => {
    while (begun < steps) {
      begun += 1
      await step(at)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return (steps / (performance.now() - start)) * 1_000
}

/** Microseconds of each step, one at a time. */
export async function stepMicros(steps: number, step: () => Promise<unknown>): Promise<number[]> {
  const micros: number[] = []
  for (let i = 0; i < steps; i += 1) {
    const start = performance.now()
    await step()
    micros.push((performance.now() - start) * 1_000)
  }
  return micros
}
