#!/usr/bin/env node
/** The executable `patina-aggregator`. */
import { processIo, runProgram } from '@patina/program'
import { PATINA_AGGREGATOR } from './commands.ts'

process.exitCode = await runProgram(PATINA_AGGREGATOR, process.argv.slice(2), processIo())
