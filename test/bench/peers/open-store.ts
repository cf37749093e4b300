/** Opens the store that it is given, says so, and stays until it is killed. */
import { openStore } from '@patina/crdt-store'

const store = openStore({ path: process.argv[2] as string })
process.send?.('open')
process.on('disconnect', () => store.close())
