/**
 * A real HTTP server that speaks the wire format of superfly/corrosion's streams, one script per request: breaks, gaps and
 * purged histories at a chosen line no real agent gives on demand.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface Conversation {
  readonly response: ServerResponse
  /** Sends the head of a stream, of an agent with or without marks. */
  head(id?: string, marks?: 'marks'): void
  /** Sends lines, each with its newline; resolves when they are handed to the system. */
  send(...lines: readonly string[]): Promise<void>
  /** Breaks the connection. */
  cut(): void
}

export type Script = (conversation: Conversation) => void | Promise<void>

export interface WireServer {
  readonly address: string
  /** `METHOD path body` of each request so far, without the wish for empty lines that all live streams have. */
  readonly asked: string[]
  stop(): void
}

/** Answers the first request by the first script, and so on; further ones by the last. */
export async function serveScripts(t: TestContext, ...scripts: readonly Script[]): Promise<WireServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text) => {
      body += text
    })
    request.on('end', () => {
      const script = scripts[Math.min(asked.length, scripts.length - 1)] as Script
      const url = request.url?.replace(/\?keep_alive=15&/, '?').replace(/[?&]keep_alive=15/, '')
      asked.push(`${request.method} ${url} ${body}`.trimEnd())
      void script(conversationOn(response))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = (): void => {
    server.close()
    server.closeAllConnections()
  }
  t.after(stop)
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, stop }
}

function conversationOn(response: ServerResponse): Conversation {
  return {
    response,
    head: (id = ID, marks) => {
      const names = id === '' ? {} : { 'corro-query-id': id, 'corro-query-hash': '0' }
      response.writeHead(200, marks === undefined ? names : { ...names, 'patina-marks': 'true' })
      response.flushHeaders()
    },
    send: (...lines) =>
      new Promise((resolve) => response.write(lines.map((line) => `${line}\n`).join(''), () => resolve())),
    cut: () => response.destroy(),
  }
}

export const ID = '00000000-0000-4000-8000-000000000001'
export const COLUMNS = '{"columns":["id"]}'

export function rowLine(rowId: number): string {
  return `{"row":[${rowId},["r${rowId}"]]}`
}

export function endLine(changeId: number): string {
  return `{"eoq":{"time":1e-6,"change_id":${changeId}}}`
}

export function changeLine(changeId: number): string {
  return `{"change":["update",1,["c${changeId}"],${changeId}]}`
}

export function markLine(changeId: number): string {
  return `{"mark":${changeId}}`
}

/** A result of one row as of change `changeId`, then these changes; the stream stays open. */
export function result(changeId: number, ...changes: readonly number[]): Script {
  return async ({ head, send }) => {
    head()
    await send(COLUMNS, rowLine(1), endLine(changeId), ...changes.map(changeLine))
  }
}

/** Changes of a resumed stream, which stays open. */
export function changes(...ids: readonly number[]): Script {
  return async ({ head, send }) => {
    head()
    if (ids.length > 0) await send(...ids.map(changeLine))
  }
}

/** Does what the script does and then breaks the connection. */
export function thenCut(script: Script): Script {
  return async (conversation) => {
    await script(conversation)
    conversation.cut()
  }
}

export function refuse(status: number, error: string, headers: Record<string, string> = {}): Script {
  return ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ error }))
  }
}
