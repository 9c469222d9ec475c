import { createRemoteJWKSet, customFetch as fetchOfKeys, type JWTVerifyGetKey } from 'jose';
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
} from 'openid-client';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { ProviderConfig } from './config.ts';
import { OpenIdError } from './errors.ts';
import { askProvider, TIMEOUT } from './fetch.ts';

/** Metadata are read again after this time; an answer that failed is remembered for so long, so that nobody makes us ask in a loop. Milliseconds. */
const METADATA_AGE = 3_600_000;
const FAILURE_AGE = 5_000;
/** How far the clocks of provider and gateway may differ. Seconds. */
export const TOLERANCE = 30;

/** What a provider has published about itself (OpenID Connect Discovery §4), and its keys. */
export interface Connected {
  readonly configuration: Configuration;
  /** Keys for tokens that are checked here; read again when one is missing, at most every 30 s. */
  readonly keys: JWTVerifyGetKey;
}

/** The way to one provider. */
export interface Connection {
  /** @throws OpenIdError, or what the library says of metadata that are none */
  connected(): Promise<Connected>;
}

interface Tried {
  readonly at: number;
  readonly outcome: Promise<Connected>;
}

/** Reads the metadata when they are first needed, and keeps what it had when a later reading fails. */
export function createConnection(config: ProviderConfig, clock: Pick<Clock, 'monotonic'>): Connection {
  let good: Connected | undefined;
  let last: Tried | undefined;
  let age = 0;
  const read = (): Promise<Connected> => {
    const outcome = connect(config).then(
      (connected) => {
        good = connected;
        age = METADATA_AGE;
        return connected;
      },
      (error: unknown) => {
        age = FAILURE_AGE;
        if (good !== undefined) return good;
        throw error;
      },
    );
    // Until it is known what came of it, everybody waits for the same reading.
    age = METADATA_AGE;
    last = { at: clock.monotonic(), outcome };
    return outcome;
  };
  return {
    connected: () => (last !== undefined && clock.monotonic() - last.at < age ? last.outcome : read()),
  };
}

async function connect(config: ProviderConfig): Promise<Connected> {
  const { issuer, clientId } = config;
  const local = new URL(issuer).protocol === 'http:';
  const configuration = await discovery(
    new URL(issuer),
    clientId,
    { [clockTolerance]: TOLERANCE },
    authenticationOf(config),
    {
      [customFetch]: askProvider,
      timeout: TIMEOUT / 1_000,
      execute: [enableNonRepudiationChecks, ...(local ? [allowInsecureRequests] : [])],
    },
  );
  const { jwks_uri: keys, issuer: said } = configuration.serverMetadata();
  // Tokens are compared with it as text: a slash at the end is another issuer (OpenID Connect Discovery §4.3).
  if (said !== issuer) throw new OpenIdError('issuer_differs', 'the provider writes its issuer in another way');
  if (keys === undefined) throw new OpenIdError('failing', 'the provider publishes no keys');
  return {
    configuration,
    keys: createRemoteJWKSet(new URL(keys), { [fetchOfKeys]: askProvider, timeoutDuration: TIMEOUT }),
  };
}

/** By what the provider takes (OpenID Connect Core §9); without a word of its own that is the Basic scheme. */
function authenticationOf({ secret }: ProviderConfig): ClientAuth {
  if (secret === undefined) return None();
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const known = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const auth = known.includes('client_secret_basic') ? basic : post;
    return auth(server, client, body, headers);
  };
}
