import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as an emulator sees it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What it answers: one of `json`, `text`, `bytes`, or nothing. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  readonly bytes?: Uint8Array;
}

/**
 * What goes wrong with a request. `status`: it is refused, nothing is done. `cut_before`: the connection breaks, nothing
 * is done. `cut_after`: it is carried out, and the connection breaks instead of an answer. `hang_after`: it is carried
 * out and never answered. `garbage`: it is carried out, and the answer is no JSON.
 */
export type Fault =
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'cut_before' | 'cut_after' | 'hang_after' | 'garbage' };

/** A fault for the first request that fits `METHOD /path`; each is used up by one. */
export interface PlannedFault {
  readonly matching: RegExp;
  readonly fault: Fault;
}

/** A loopback server with an emulator behind it. */
export interface EmulatorServer {
  readonly url: string;
  /** `METHOD /path` of every request, in order. */
  readonly requests: string[];
  readonly faults: PlannedFault[];
  close(): Promise<void>;
}

/** Serves `handle` on a free port of this machine. */
export async function startEmulator(handle: (asked: Asked) => Reply | Promise<Reply>): Promise<EmulatorServer> {
  const requests: string[] = [];
  const faults: PlannedFault[] = [];
  const server = createServer((request, response) => {
    void serve(request, response, handle, requests, faults).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    faults,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (asked: Asked) => Reply | Promise<Reply>,
  requests: string[],
  faults: PlannedFault[],
): Promise<void> {
  const asked = await read(request);
  const line = `${asked.method} ${asked.path}`;
  requests.push(line);
  const index = faults.findIndex(({ matching }) => matching.test(line));
  const fault = index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
  if (fault?.type === 'status') return send(response, { status: fault.status, text: 'planned' });
  if (fault?.type === 'cut_before') return void request.socket.destroy();
  const reply = await handle(asked);
  if (fault?.type === 'hang_after') return;
  if (fault?.type === 'cut_after') return void request.socket.destroy();
  send(response, fault?.type === 'garbage' ? { status: reply.status, text: '<html>oops' } : reply);
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const url = new URL(request.url ?? '/', 'http://emulator');
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: new Uint8Array(Buffer.concat(chunks)),
  };
}

function send(response: ServerResponse, { status, headers, json, text, bytes }: Reply): void {
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, ...headers });
  response.end(json === undefined ? (text ?? bytes) : JSON.stringify(json));
}
