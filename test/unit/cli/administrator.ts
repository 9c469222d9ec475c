import { runCli } from '../../../ops/cli/index.ts';
import { type Bends, jsonBody, type SealedAnswer, startSmallGateway } from '../client/small-gateway.ts';
import { rememberingIo } from './console.ts';

/** What a command came to. */
export interface Done {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** Method, path and body of what it asked the gateway for, log-in and farewell left out. */
  readonly requests: readonly string[];
}

/** Runs a command line of an administrator at a gateway that answers like `answer`. */
export async function administer(answer: Bends['answer'], argv: readonly string[]): Promise<Done> {
  const requests: string[] = [];
  const gateway = await startSmallGateway({
    answer: (request) => {
      const { m, p } = request.head;
      if (p !== '/v1/session') requests.push(`${m} ${p} ${Buffer.from(request.body).toString()}`.trim());
      return answer(request);
    },
  });
  const { io, shown } = rememberingIo();
  const environment = { SEALFAX_ADMIN_CONNECTION: gateway.connection, SEALFAX_ADMIN_SECRET: 'owner' };
  try {
    return { status: await runCli(argv, environment, io), requests, ...shown };
  } finally {
    await gateway.close();
  }
}

/** What of `requests` changes something. */
export function actsOf(requests: readonly string[]): string[] {
  return requests.filter((request) => !request.startsWith('GET '));
}

/** `value` as the answer of a gateway. */
export function json(value: unknown, status = 200): SealedAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: jsonBody(value) };
}
