import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Claims of a token; what is undefined is left out. */
export type Claims = Readonly<Record<string, unknown>>;

/** What an endpoint answers: a status and JSON, or whatever it does to the response itself. */
export type Answer =
  | { readonly status?: number; readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }
  | ((response: ServerResponse) => void);

/** A request that the provider was sent. */
export interface Asked {
  readonly path: string;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

type Endpoint = 'token' | 'userinfo' | 'introspection' | 'jwks' | 'metadata';

/** A provider that says what a test has it say, right or wrong. */
export interface TinyProvider {
  readonly issuer: string;
  readonly asked: Asked[];
  /** What an endpoint answers from now on. */
  answer(endpoint: Endpoint, answer: Answer): void;
  /** A token with these claims; by a key that nobody publishes with `foreign`. */
  sign(claims: Claims, header?: { readonly typ?: string; readonly foreign?: boolean }): Promise<string>;
  stop(): Promise<void>;
}

/** Listens on this machine. */
export async function startTinyProvider(): Promise<TinyProvider> {
  const [own, foreign] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const asked: Asked[] = [];
  const answers = new Map<string, Answer>();
  const server = createServer((request, response) => {
    void answered(request, response, asked, answers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers.set('/jwks', { json: { keys: [jwk] } });
  answers.set('/.well-known/openid-configuration', { json: metadataOf(issuer) });
  const path = (endpoint: Endpoint) => (endpoint === 'metadata' ? '/.well-known/openid-configuration' : `/${endpoint}`);
  return {
    issuer,
    asked,
    answer: (endpoint, answer) => void answers.set(path(endpoint), answer),
    sign: (claims, { typ = 'JWT', foreign: byOther = false } = {}) =>
      new SignJWT(JSON.parse(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'ES256', kid: 'one', typ })
        .sign(byOther ? foreign.privateKey : own.privateKey),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the provider publishes of itself. */
export function metadataOf(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    introspection_endpoint: `${issuer}/introspection`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
  };
}

async function answered(
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked[],
  answers: ReadonlyMap<string, Answer>,
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const path = request.url ?? '';
  asked.push({ path, form: new URLSearchParams(body), authorization: request.headers.authorization });
  const answer = answers.get(path) ?? { status: 404, json: {} };
  if (typeof answer === 'function') return answer(response);
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
  response.end(JSON.stringify(answer.json));
}
