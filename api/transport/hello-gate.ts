import { rateNetwork } from '../../gateway/index.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { ApiError } from '../errors.ts';

/** Networks remembered at once. */
const MAX_NETWORKS = 50_000;
/** An address that logged in during this time is served first under load. Milliseconds. */
const KNOWN_FOR = 24 * 3_600_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** Who may say hello, and who goes first. Counts addresses; for IPv6 the /64 network. */
export interface HelloGate {
  /** Takes one token. @throws ApiError rate_limited with the seconds to wait */
  enter(address: string): void;
  /** Whether the address logged in during the last 24 hours. */
  isKnown(address: string): boolean;
  /** A log-in from this address succeeded. */
  know(address: string): void;
}

/** Token buckets: `burst` at once, refilled with `perMinute`. */
export function createHelloGate(
  clock: Clock,
  limits: { readonly burst: number; readonly perMinute: number },
): HelloGate {
  const buckets = new Map<string, Bucket>();
  const known = new Map<string, number>();
  const perMs = limits.perMinute / 60_000;

  const refill = (bucket: Bucket, now: number): void => {
    bucket.tokens = Math.min(limits.burst, bucket.tokens + (now - bucket.at) * perMs);
    bucket.at = now;
  };

  return {
    enter(address) {
      const now = clock.monotonic();
      const network = rateNetwork(address);
      const bucket = buckets.get(network) ?? { tokens: limits.burst, at: now };
      refill(bucket, now);
      remember(buckets, network, bucket);
      if (bucket.tokens < 1) {
        const retryAfter = Math.ceil((1 - bucket.tokens) / perMs / 1_000);
        throw new ApiError('rate_limited', 'too many handshakes from this address', { retryAfter });
      }
      bucket.tokens--;
    },
    isKnown(address) {
      const at = known.get(rateNetwork(address));
      return at !== undefined && clock.monotonic() - at < KNOWN_FOR;
    },
    know(address) {
      remember(known, rateNetwork(address), clock.monotonic());
    },
  };
}

/** Sets the newest entry last and drops the oldest when there are too many. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_NETWORKS) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
