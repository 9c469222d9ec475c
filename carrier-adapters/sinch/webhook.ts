import { isIP } from 'node:net';
import { constantTimeEqual, sha256 } from '../../crypto/index.ts';
import type { CarrierCallback } from '../../gateway/ports/carrier-adapter.ts';
import { addressesOf, type CallbackConfig } from './config.ts';
import { basic } from './wire.ts';

/**
 * A callback may tell of an event this long ago, ms: the carrier repeats one for 73 hours (after 5, 10, 20, 30 minutes and
 * twelve times six hours).
 */
const OLDEST = 4 * 86_400_000;
/** What the clocks may differ by, ms. */
const AHEAD = 300_000;

/** Why a callback is not believed. */
export type WebhookRefusal = 'unexpected' | 'wrong_address' | 'wrong_path' | 'wrong_credentials';

/**
 * Whether `callback` comes from whoever was told where callbacks go. Sinch signs nothing: what it can show is a path that
 * cannot be guessed, a password, and its address; and nothing that it says is used but the id of a fax, which is then
 * asked for. Null: it does.
 */
export function refusalOf(
  { path, headers, source }: Omit<CarrierCallback, 'body'>,
  config: CallbackConfig | undefined,
): WebhookRefusal | null {
  if (config === undefined) return 'unexpected';
  if (!isFrom(source, config.sources)) return 'wrong_address';
  if (!same(path.split('?', 1)[0]?.split('/').at(-1) ?? '', config.token)) return 'wrong_path';
  const key = { keyId: config.user, secret: config.password };
  return same(headers.authorization ?? '', basic(key)) ? null : 'wrong_credentials';
}

/** Whether an event of this time may still be told. Without a time it may: what counts is asked for. */
export function isTimely(at: number | null, now: number): boolean {
  return at === null || (at >= now - OLDEST && at <= now + AHEAD);
}

/** Where the carrier is to call back, with its password in it (RFC 3986 §3.2.1), as Sinch takes it. */
export function callbackUrl(carrier: string, { token, user, password }: CallbackConfig, publicUrl: URL): string {
  const url = new URL(`${publicUrl.href.replace(/\/+$/, '')}/carriers/${carrier}/${token}`);
  url.username = user;
  url.password = password;
  return url.href;
}

function isFrom(source: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  const address = source.replace(/^::ffff:(?=[0-9.]+$)/i, ''); // RFC 4291 §2.5.5.2
  const family = isIP(address);
  return family !== 0 && addressesOf(networks).check(address, family === 6 ? 'ipv6' : 'ipv4');
}

const encoder = new TextEncoder();

/** In constant time, whatever the lengths are. */
function same(a: string, b: string): boolean {
  return constantTimeEqual(sha256(encoder.encode(a)), sha256(encoder.encode(b)));
}
