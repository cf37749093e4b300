/** Opens the database of its first argument as the writer, says so, and waits to be killed. */
import { openDatabase } from '../src/open.ts'

const db = openDatabase(String(process.argv[2]))
db.exec('BEGIN; CREATE TABLE IF NOT EXISTS half_done (a)')
process.stdout.write('open\n')
setInterval(() => db.open, 1000)
