import { parseConnectionString } from '../../crypto/client.ts';
import type { Cdrs } from './cdrs.ts';
import { createCdrs, listNumbers } from './cdrs.ts';
import type { Channel } from './channel.ts';
import { createChannel } from './channel.ts';
import type { CodeSource, Proof } from './credentials.ts';
import type { Events } from './events.ts';
import { createEvents } from './events.ts';
import type { Batches, Faxes } from './faxes.ts';
import { createBatches, createFaxes } from './faxes.ts';
import type { Inbox } from './inbox.ts';
import { createInbox } from './inbox.ts';
import type { SequenceMemory } from './sequence-memory.ts';
import { processMemory } from './sequence-memory.ts';
import type { StepUp } from './sign-in.ts';
import type { Transport } from './transport.ts';
import type { CoverInfo, FaxNumber, SessionInfo } from './types.ts';
import type { Webhooks } from './webhooks.ts';
import { createWebhooks } from './webhooks.ts';

/** What a client may be told beside the connection string. */
export interface ClientOptions {
  /** Name of this program or machine, shown in the audit log. */
  readonly device?: string;
  /** Where the highest statement sequence is kept; in this process when left out. */
  readonly memory?: SequenceMemory;
  /**
   * For a user with a TOTP secret: gives the code of the moment. Called at each log-in, which is whenever a session has
   * ended (after an hour, or a quarter of an hour without a request). A code opens one session; two log-ins within one
   * step of 30 s need two codes, so the second is refused with `access_denied` when it gets the first one's.
   */
  readonly totp?: CodeSource;
  /**
   * False: one log-in and no other. When its session has ended, every call is refused with `session_over`, and somebody
   * has to log in anew. For pages in front of which people sit; programs leave it out.
   */
  readonly renew?: boolean;
  /**
   * For administrators: proves anew who is there, before something dangerous. Secret and code of the log-in are given again
   * when it is left out.
   */
  readonly stepUp?: StepUp;
  /** Milliseconds since 1970; the machine's clock when left out. */
  readonly now?: () => number;
}

/** Carries bytes to `origin`, such as `https://fax.example.org:8443`. */
export type TransportFactory = (origin: string) => Transport;

/**
 * An account at a gateway. Nothing is sent before the first call, which shakes hands, checks the gateway against the
 * pins and logs in; sessions are renewed as needed. Every method throws ApiProblem for a refusal of the gateway
 * (authenticated) and ClientError for everything on the way.
 */
export interface Client {
  readonly faxes: Faxes;
  readonly batches: Batches;
  readonly inbox: Inbox;
  readonly events: Events;
  readonly cdrs: Cdrs;
  readonly webhooks: Webhooks;
  numbers(): Promise<FaxNumber[]>;
  /** Covers that a fax may name: shipped ones and the account's own forms. */
  covers(): Promise<CoverInfo[]>;
  session(): Promise<SessionInfo>;
  /** Logs out and drops keys and connections. */
  close(): Promise<void>;
}

/**
 * A channel for the user in `connection` (`sealfax://account:user@host:port?pin=…`).
 *
 * @throws SealError `connection_string` with what is wrong
 */
export function openChannel(
  realm: 'api' | 'admin',
  connection: string,
  proof: Proof,
  transport: TransportFactory,
  options: ClientOptions,
): Channel {
  const { account, user, host, port, pins } = parseConnectionString(connection);
  return createChannel({
    pins,
    aud: host,
    transport: transport(`https://${host}:${port}`),
    memory: options.memory ?? processMemory(),
    now: options.now ?? Date.now,
    renew: options.renew ?? true,
    ...(options.stepUp === undefined ? {} : { stepUp: options.stepUp }),
    credentials: {
      ...{ realm, account, user, proof, device: options.device ?? '' },
      ...(options.totp === undefined ? {} : { totp: options.totp }),
    },
  });
}

/** The client of an API user over any transport; `connect` of the Node and browser doors choose one. */
export function createClient(channel: Channel): Client {
  const events = createEvents(channel);
  return {
    faxes: createFaxes(channel, events),
    batches: createBatches(channel),
    inbox: createInbox(channel, events),
    events,
    cdrs: createCdrs(channel),
    webhooks: createWebhooks(channel),
    numbers: () => listNumbers(channel),
    covers: async () => {
      const answer = await channel.json({ method: 'GET', path: '/v1/covers', repeatable: true });
      return (answer as { items: CoverInfo[] }).items;
    },
    session: async () => (await channel.json({ method: 'GET', path: '/v1/session', repeatable: true })) as SessionInfo,
    close: () => channel.close(),
  };
}
