export { type Change, Fleet, type FleetOptions } from './fleet.ts'
export { MACHINE_STATES, type Machine, type MachineState, machineBytes, SCHEMA_FILE } from './machine.ts'
export { REGIONS, type Region, rttMs } from './regions.ts'
export { Zipf } from './zipf.ts'
