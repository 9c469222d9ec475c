import { isIPv6 } from 'node:net';
import {
  type GeneratedSigningKey,
  generateSigningKey,
  issueStatement,
  newKey,
  type ReceiptKey,
  type ServerIdentity,
  type SigningKey,
  SUCCESSION_LIMIT,
  type Suite,
  wipe,
} from '../../crypto/index.ts';
import type { WebhookKey } from '../../gateway/notify/index.ts';
import type { AccountRecords } from '../../gateway/ports/account-records.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { type KeyRing, openKeyRing } from './key-ring.ts';
import type { KeyStore } from './key-store.ts';

/** Keys that live as long as the gateway's data; those that sign are always the ones of the moment. */
export interface LastingKeys {
  /** The identity that clients pin. */
  readonly root: SigningKey;
  /** Signs wipe receipts, certified by the root; apart from the handshake key. */
  readonly receipt: ReceiptKey;
  /** HMAC key under which API secrets are stored, 32 bytes. */
  readonly server: Uint8Array;
  /** Seals webhook and TOTP secrets in the records, 32 bytes. */
  readonly seal: Uint8Array;
  /** Signs webhooks (v1a). */
  readonly webhook: WebhookKey;
  /** Where those that sign are, and are rotated. */
  readonly ring: KeyRing;
}

/** Reads the lasting keys, and makes those that do not exist yet. `now`: milliseconds since 1970. */
export async function lastingKeys(keys: KeyStore, now: () => number): Promise<LastingKeys> {
  const symmetric = (name: string) => keys.secret(name, async () => newKey());
  const ring = await openKeyRing(keys, now);
  return {
    root: ring.root,
    receipt: ring.receipt,
    webhook: ring.webhook,
    ring,
    server: await symmetric('server-mac'),
    seal: await symmetric('record-seal'),
  };
}

const DAY = 86_400_000;
/** A handshake key lies on no disk. It is renewed after a week; the statement about it lasts two. */
const RENEW_AFTER = 7 * DAY;
const STATEMENT_SECONDS = (14 * DAY) / 1000;

/** The identity that answers hellos, renewed while the gateway runs. */
export interface LiveIdentity {
  current(): ServerIdentity;
  /** Another handshake key now, under the root of the moment; in a cluster it is served within minutes. */
  renew(): Promise<void>;
  close(): void | Promise<void>;
}

/** What an identity is to say. */
export interface IdentityRequest {
  readonly root: SigningKey;
  readonly names: readonly string[];
  readonly suites: readonly Suite[];
  /** Other roots that clients are told about; none when left out. */
  readonly line?: Pick<KeyRing, 'next' | 'successions' | 'look'>;
}

/** Where it comes from: this process alone, or all gateways of a cluster together. */
export type IdentitySource = (wanted: IdentityRequest) => Promise<LiveIdentity>;

/** An identity with the only copy of its private key that leaves WebCrypto. */
export interface IssuedIdentity extends ServerIdentity {
  readonly handshakeKey: GeneratedSigningKey;
}

interface IssuerParts {
  readonly settings: Pick<AccountRecords, 'nextNumber'>;
  readonly clock: Clock;
}

/** Makes a handshake key and has the root certify it. The caller wipes `handshakeKey.privatePem`. */
export async function issueIdentity(
  { root, names, suites, line }: IdentityRequest,
  { settings, clock }: IssuerParts,
): Promise<IssuedIdentity> {
  const hosts = names.map(hostForm);
  const handshakeKey = await generateSigningKey();
  // Clients refuse a lower number than they have seen, so it outlives the process and is counted for all of them.
  const seq = await settings.nextNumber('statement_seq');
  const key = { publicKey: handshakeKey.publicSpki };
  const next = line?.next ?? null;
  const request = { seq, hosts, keys: [key], suites, ttl: STATEMENT_SECONDS, nextRoots: next === null ? [] : [next] };
  const roots = (line?.successions ?? []).slice(-SUCCESSION_LIMIT);
  return { handshakeKey, statement: await issueStatement(request, root, clock.now()), hosts, roots };
}

/** An identity of this process alone: its handshake key lives in memory, and is renewed every week. */
export async function liveIdentity(
  parts: IdentityRequest & IssuerParts & { readonly log: Log },
): Promise<LiveIdentity> {
  const issue = async (): Promise<ServerIdentity> => {
    const made = await issueIdentity(parts, parts);
    wipe(made.handshakeKey.privatePem);
    return made;
  };
  let identity = await issue();
  let cancel = () => {};
  const renew = async (): Promise<void> => {
    identity = await issue();
    cancel();
    cancel = parts.clock.after(RENEW_AFTER, renewAndGoOn);
  };
  const renewAndGoOn = (): void => {
    renew().catch((error: unknown) => {
      parts.log.warn({ error }, 'the handshake key was not renewed; trying again in an hour');
      cancel = parts.clock.after(3_600_000, renewAndGoOn);
    });
  };
  cancel = parts.clock.after(RENEW_AFTER, renewAndGoOn);
  return { current: () => identity, renew, close: () => cancel() };
}

/** A configured name as `aud` writes it: lower case, IPv6 in brackets. */
export function hostForm(name: string): string {
  return isIPv6(name) ? `[${name.toLowerCase()}]` : name.toLowerCase();
}
