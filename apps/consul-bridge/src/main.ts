#!/usr/bin/env node
/** The executable `patina-consul`. */
import { processIo, runProgram } from '@patina/program'
import { PATINA_CONSUL } from './commands.ts'

process.exitCode = await runProgram(PATINA_CONSUL, process.argv.slice(2), processIo())
