import { createServer } from 'node:http';
import { request as requestTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import { ProviderMemory } from './provider-memory.ts';

/** What the provider knows of somebody. */
export interface Person {
  disabled?: boolean;
  roles: string[];
  name: string;
}

/** `oidc-provider` (the reference implementation for Node) on this machine. */
export interface RealProvider {
  readonly issuer: string;
  readonly people: Map<string, Person>;
  /** Whoever is there without being asked anew proved it so many seconds ago. */
  signedInAgo: number;
  /** Who its visitors are. */
  visitor: string;
  /** How often a person's refresh token was taken. */
  readonly refreshed: ReadonlyMap<string, number>;
  /** What a browser does: follows the address until the provider sends it back; answers what it brings along. */
  visit(address: string, person: string): Promise<URLSearchParams>;
  /** An access token of a program, for the resource `audience`. */
  clientToken(id: string, secret: string, audience: string): Promise<string>;
  /** Tells a log-out by the back channel. */
  logOut(person: string): Promise<void>;
  stop(): Promise<void>;
}

/** What the provider is told of the gateway. */
export interface ProviderParts {
  readonly client: { readonly id: string; readonly secret: string };
  /** Where it sends people back to; asked when the first of them comes. */
  readonly redirectUri: () => string;
  /** Where log-outs are told; asked when there is one. */
  readonly gateway: () => string;
  /** Programs that get tokens of their own. */
  readonly programs: readonly { readonly id: string; readonly secret: string }[];
}

/** A host that nobody resolves: the requests of the provider to it go to the gateway of the test. */
const GATEWAY_HOST = 'https://gateway.example.org';

export async function startRealProvider(parts: ProviderParts): Promise<RealProvider> {
  const people = new Map<string, Person>();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  /** How often a person's refresh token was taken, and the newest session of each as the gateway's client knows it. */
  const refreshed = new Map<string, number>();
  const sids = new Map<string, string>();
  let made: Provider | undefined;
  const provider = (): Provider => {
    if (made !== undefined) return made;
    made = new Provider(issuer, configurationOf(parts, people, key));
    made.on('grant.success', ({ oidc }) => {
      const id = oidc.account?.accountId;
      if (oidc.params?.grant_type === 'refresh_token' && id !== undefined)
        refreshed.set(id, (refreshed.get(id) ?? 0) + 1);
    });
    made.on('authorization.success', ({ oidc }) => {
      const { session } = oidc;
      if (session?.accountId !== undefined) sids.set(session.accountId, session.sidFor(parts.client.id) ?? '');
    });
    return made;
  };
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void provider().callback()(request, response);
    const { visitor, signedInAgo } = running;
    void finishInteraction(provider(), request, response, visitor, signedInAgo);
  });
  const running: RealProvider = {
    issuer,
    people,
    refreshed,
    signedInAgo: 0,
    visitor: '',
    async visit(address, person) {
      running.visitor = person;
      return followed(address, parts.redirectUri());
    },
    async clientToken(id, secret, audience) {
      const form = { grant_type: 'client_credentials', resource: audience, scope: 'fax' };
      const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
      const reply = await fetch(`${issuer}/token`, {
        ...{ method: 'POST', headers: { authorization }, body: new URLSearchParams(form) },
      });
      const { access_token: token } = (await reply.json()) as { access_token?: string };
      if (token === undefined) throw new Error(`no token: ${reply.status}`);
      return token;
    },
    async logOut(person) {
      const client = await provider().Client.find(parts.client.id);
      // Part of the provider, though not of its types.
      const tell: unknown = client === undefined ? undefined : Reflect.get(client, 'backchannelLogout');
      if (typeof tell !== 'function') throw new Error('the provider tells no log-outs');
      await Reflect.apply(tell, client, [person, sids.get(person)]);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return running;
}

/** Seconds that everything at the provider lasts: longer than a test. */
const LIFE = 3_600;
const LASTING = [
  'AccessToken',
  'AuthorizationCode',
  'ClientCredentials',
  'Grant',
  'IdToken',
  'Interaction',
  'RefreshToken',
  'Session',
];

function configurationOf(parts: ProviderParts, people: ReadonlyMap<string, Person>, key: JWK): Configuration {
  const { client, redirectUri, programs } = parts;
  return {
    adapter: ProviderMemory,
    jwks: { keys: [key as JWK & { kty: 'RSA' }] },
    ttl: Object.fromEntries(LASTING.map((name) => [name, LIFE])),
    clients: [
      {
        ...{ client_id: client.id, client_secret: client.secret, redirect_uris: [redirectUri()] },
        ...{ grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] },
        backchannel_logout_uri: `${GATEWAY_HOST}/oidc/corp/backchannel-logout`,
        backchannel_logout_session_required: true,
        require_auth_time: true,
      },
      ...programs.map(({ id, secret }) => ({
        ...{
          client_id: id,
          client_secret: secret,
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
      })),
    ] as Configuration['clients'] & object,
    claims: { openid: ['sub'], profile: ['preferred_username', 'roles'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ['a key of the test'] },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: async (_context, audience) => ({
          ...{ scope: 'fax', audience, accessTokenFormat: 'jwt', accessTokenTTL: 300 },
        }),
      },
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    async findAccount(_context, id) {
      const person = people.get(id);
      if (person === undefined || person.disabled === true) return undefined;
      return {
        accountId: id,
        claims: async () => ({ sub: id, preferred_username: person.name, roles: person.roles }),
      };
    },
    fetch: (address, options) => toGateway(String(address), options, parts.gateway()),
  };
}

type Interaction = Parameters<Provider['interactionDetails']>;

/** What the pages of a provider do with a person who signs in and agrees. */
async function finishInteraction(
  provider: Provider,
  ...[request, response, person, ago]: [...Interaction, string, number]
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const now = Math.floor(Date.now() / 1_000);
    const ts = params.prompt === 'login' ? now : now - ago;
    await provider.interactionFinished(request, response, { login: { accountId: person, ts } });
    return;
  }
  const grant = new provider.Grant({ accountId: String(session?.accountId), clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

/** A browser with cookies that goes wherever it is sent, up to the console. */
async function followed(address: string, redirectUri: string): Promise<URLSearchParams> {
  const cookies = new Map<string, string>();
  let next = new URL(address);
  for (let hop = 0; hop < 10; hop++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(next, { headers: { cookie }, redirect: 'manual' });
    for (const line of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = reply.headers.get('location');
    if (location === null) throw new Error(`${reply.status} ${await reply.text()}`);
    next = new URL(location, next);
    if (next.href.startsWith(redirectUri)) return next.searchParams;
  }
  throw new Error('the provider sends its visitor in circles');
}

/** The gateway of a test has a certificate that nobody has signed. */
function toGateway(address: string, options: RequestInit | undefined, gateway: string): Promise<Response> {
  if (!address.startsWith(GATEWAY_HOST)) return Promise.reject(new Error(`the provider asks ${address}`));
  const headers = Object.fromEntries(new Headers(options?.headers));
  const body = String(options?.body ?? '');
  return new Promise((resolve, reject) => {
    const asked = requestTls(
      new URL(address.slice(GATEWAY_HOST.length), gateway),
      { method: options?.method ?? 'GET', headers, rejectUnauthorized: false },
      (reply) => {
        reply.resume();
        reply.once('end', () => resolve(new Response(null, { status: reply.statusCode ?? 500 })));
      },
    );
    asked.once('error', reject);
    asked.end(body);
  });
}
