/** The bytes of datagrams and frames, for those who test a wire and open no socket: vectors, tools. */
export { decodeFrame, encodeFrame, type Frame, MessageJoiner } from './framing.ts'
export { acceptHello, decodeHello, type Hello } from './hello.ts'
export { unpackFrame } from './packing.ts'
export { Opener, Sealer, type SealOptions } from './udp/seal.ts'
export {
  type AttachWord,
  attachFrame,
  decodeAttach,
  decodeRefusal,
  decodeSwitch,
  decodeWelcome,
  goodbyeFrame,
  helloFrame,
  type RefusalReason,
  refusalFrame,
  switchFrame,
  welcomeFrame,
} from './ws/handshake-frames.ts'
