import type { SequenceMemory } from '../client/browser.ts';
import { parseConnectionString } from '../client/browser.ts';

/** What the browser keeps between visits: how to know the gateway again. No secret is among it. */
export interface KnownGateway {
  /** base64url(SHA-256(SPKI)) of accepted root keys. */
  readonly pins: readonly string[];
  /** Host that the gateway has to prove to be. */
  readonly host: string;
  readonly user: string;
}

const PLACE = 'sealfax.gateway';
const SEEN = 'sealfax.statement';
const DEVICE = 'sealfax.device';
const PIN = /^[A-Za-z0-9_-]{43}$/;

/**
 * What a person pasted: an administrator's connection string, or the pin of the root key alone, which goes with the host
 * in the address bar. @throws SealError `connection_string` with what is wrong
 */
export function gatewayFrom(text: string, host: string): KnownGateway {
  const wanted = text.trim();
  if (PIN.test(wanted)) return { pins: [wanted], host, user: '' };
  const { pins, host: named, user } = parseConnectionString(wanted);
  return { pins, host: named, user };
}

/** The gateway of the last visit; undefined at the first one, or when what is kept is not of that shape. */
export function rememberedGateway(storage: Storage): KnownGateway | undefined {
  const value = parsed(storage.getItem(PLACE));
  return isKnownGateway(value) ? { pins: value.pins, host: value.host, user: value.user } : undefined;
}

/** Whether what was kept is of that shape. */
export function isKnownGateway(value: unknown): value is KnownGateway {
  if (typeof value !== 'object' || value === null) return false;
  const { pins, host, user } = { pins: undefined, host: undefined, user: undefined, ...value };
  return isPins(pins) && typeof host === 'string' && typeof user === 'string';
}

export function rememberGateway(storage: Storage, { pins, host, user }: KnownGateway): void {
  storage.setItem(PLACE, JSON.stringify({ pins, host, user }));
}

/** Forgets gateway and user; the highest statement seen stays, because it protects the next visit. */
export function forgetGateway(storage: Storage): void {
  storage.removeItem(PLACE);
}

/**
 * What this browser calls itself, so that the gateway can tell when somebody signs in with another one: a few random
 * signs, made once.
 */
export function deviceName(storage: Storage): string {
  const kept = storage.getItem(DEVICE) ?? '';
  if (/^[0-9a-f]{8}$/.test(kept)) return `console ${kept}`;
  const signs = [...crypto.getRandomValues(new Uint8Array(4))]
    .map((octet) => octet.toString(16).padStart(2, '0'))
    .join('');
  storage.setItem(DEVICE, signs);
  return `console ${signs}`;
}

/** Keeps the highest sequence of a statement over visits, so that an older one is refused. */
export function statementMemory(storage: Storage): SequenceMemory {
  const place = (pins: readonly string[]) => `${SEEN}.${[...pins].sort().join('.')}`;
  const highest = (pins: readonly string[]) => {
    const kept = storage.getItem(place(pins)) ?? '';
    return /^\d{1,15}$/.test(kept) ? Number(kept) : 0;
  };
  return {
    highest: async (pins) => highest(pins),
    saw: async (pins, seq) => storage.setItem(place(pins), String(Math.max(seq, highest(pins)))),
  };
}

function isPins(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && PIN.test(one));
}

/** What was kept as JSON; undefined for what is not. */
export function parsed(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
