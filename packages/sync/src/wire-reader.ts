/**
 * WireReader: protobufjs' reader with our bounds. 64-bit numbers come as safe integers or not at all (protobufjs would
 * give Long objects), and the number of fields and numbers of one message is limited before anything is allocated.
 */
import { DecodeFailure, refuse } from '@patina/base'
import protobuf from 'protobufjs/minimal.js'
import { limits } from './config.ts'

const VARINT_BYTES_MAX = 10

export class WireReader extends protobuf.Reader {
  #fields = 0
  #numbers = 0

  override tag(): number {
    this.#fields += 1
    if (this.#fields > limits.messageFieldsMax) refuse('fields of a message', this.#fields)
    return super.tag()
  }

  /** The declared type is Long; the generated types allow numbers, and codec.ts takes nothing else. */
  override uint64(): ReturnType<protobuf.Reader['uint64']> {
    this.#numbers += 1
    if (this.#numbers > limits.messageNumbersMax) refuse('numbers of a message', this.#numbers)
    return this.#safeInteger() as unknown as ReturnType<protobuf.Reader['uint64']>
  }

  #safeInteger(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < VARINT_BYTES_MAX; i += 1) {
      if (this.pos >= this.len)
        throw new DecodeFailure({ kind: 'truncated', wantBytes: 1, haveBytes: this.len - this.pos })
      const byte = this.buf[this.pos] as number
      this.pos += 1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : refuse('64-bit number', value)
      scale *= 0x80
    }
    throw new DecodeFailure({ kind: 'malformed', what: 'varint above 64 bits' })
  }
}
