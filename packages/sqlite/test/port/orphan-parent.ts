/** Starts the test service as a child, makes it run an endless statement if told so, and waits to be killed. */
import { openChildProcess } from '../../src/port/child-process.ts'
import type { TestContract } from './contract-service.ts'

const port = openChildProcess<TestContract>({ module: new URL('./contract-child.ts', import.meta.url) })
const pid = await port.call('pid', null)
if (process.argv.includes('--endless')) void port.call('endless', null)
else void port.call('slow', 60_000)
// The call leaves on this turn of the loop; what is printed after it finds the child inside of it.
setTimeout(() => process.stdout.write(`${pid.ok ? pid.value : 'failed'}\n`), 50)
