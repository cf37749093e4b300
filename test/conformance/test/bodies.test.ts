import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { type Subject, startSubject } from '../src/subject.ts'

const BODY = Buffer.from('["SELECT ? AS t", ["é"]]')
/** In the middle of a character. */
const CUT = BODY.indexOf('é') + 1
const ROW = '{"row":[1,["é"]]}'

describe('bodies in pieces and without a length', () => {
  let subject: Subject
  let session: ClientHttp2Session
  before(async () => {
    subject = await startSubject('open')
    session = connect(`http://127.0.0.1:${subject.port}`)
  })
  after(async () => {
    session.destroy()
    await subject.stop()
  })

  function query(headers: Record<string, string> = {}): ReturnType<ClientHttp2Session['request']> {
    return session.request({
      ':method': 'POST',
      ':path': '/v1/queries',
      'content-type': 'application/json',
      ...headers,
    })
  }

  it('over HTTP/2', async () => {
    const stream = query()
    stream.write(BODY.subarray(0, CUT))
    // A frame of its own.
    await new Promise((resolve) => setImmediate(resolve))
    stream.end(BODY.subarray(CUT))
    const [headers] = await once(stream, 'response')
    assert.equal(headers[':status'], 200)
    assert.match(
      (await stream.setEncoding('utf8').toArray()).join(''),
      new RegExp(ROW.replace(/[[\]{}]/g, '\\$&')),
    )
  })

  it('over HTTP/1.1', async () => {
    const socket = connectTcp(subject.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      'POST /v1/queries HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n' +
        'content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    )
    for (const piece of [BODY.subarray(0, CUT), BODY.subarray(CUT)])
      socket.write(
        Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
      )
    socket.write('0\r\n\r\n')
    const answer = (await socket.setEncoding('utf8').toArray()).join('')
    assert.match(answer, /^HTTP\/1\.1 200 /)
    assert.ok(answer.includes(ROW), answer)
  })

  it('a request that is given up in the middle of its body costs the others of its session nothing', async () => {
    for (const length of [undefined, '100', '100000']) {
      const given = query(length === undefined ? {} : { 'content-length': length }).on('error', () => {})
      given.write('["SEL')
      await new Promise((resolve) => setImmediate(resolve))
      given.close(8)
      await once(given, 'close')
      const other = query()
      other.end(BODY)
      const [headers] = await once(other, 'response')
      assert.equal(headers[':status'], 200)
      other.resume()
    }
  })
})
