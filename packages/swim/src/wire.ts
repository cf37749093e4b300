/** The bytes of membership, for those who test a wire and run no machine: vectors, tools. */
export { appendRecords, decodePacket, encodePacketHead, encodeUpdate } from './codec.ts'
export { digestOf } from './digest.ts'
export type { MemberRecord } from './member.ts'
export type { Body, Packet, Update, Way } from './message.ts'
