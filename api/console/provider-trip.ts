import {
  beginSignIn,
  ClientError,
  endSignIn,
  type OidcProof,
  type SignInBegun,
  type SignInDoor,
} from '../client/browser.ts';
import { isKnownGateway, type KnownGateway, parsed } from './gateway-memory.ts';

/** Where this tab keeps what it began while its person is at the provider; nothing else reads it. */
const PLACE = 'sealfax.trip';
/** Where a window that came back tells the page that had opened it. */
const BACK = 'sealfax.back';
/** A window that nobody comes back from is waited for so long, ms: the gateway's proofs are no older. */
const PATIENCE = 5 * 60_000;

/** Somebody who has come back from a provider. */
export interface Returned {
  readonly gateway: KnownGateway;
  /** @throws ClientError when the provider refused, or answered what nobody had asked */
  proof(): OidcProof;
}

let returned: Returned | undefined;

/** This page, where providers send people back to. */
function consoleAddress(): string {
  return `${location.origin}/console/`;
}

/** Sends the person to the provider; the page is left. @throws ClientError */
export async function leaveFor(door: SignInDoor, gateway: KnownGateway): Promise<void> {
  const { begun, address } = await beginSignIn(door, consoleAddress());
  sessionStorage.setItem(PLACE, JSON.stringify({ begun, gateway }));
  location.assign(address);
}

/**
 * Takes what a provider has sent along out of the address bar, before anything else runs. `elsewhere`: another page had
 * asked for it, and has been told; there is nothing to show here.
 */
export function takeReturn(): 'elsewhere' | 'here' {
  const answer = new URLSearchParams(location.search);
  if (!answer.has('state') || !(answer.has('code') || answer.has('error'))) return 'here';
  history.replaceState(null, '', `${location.pathname}${location.hash}`);
  const trip = keptTrip(sessionStorage.getItem(PLACE));
  sessionStorage.removeItem(PLACE);
  if (trip === undefined) {
    const channel = new BroadcastChannel(BACK);
    channel.postMessage(answer.toString());
    channel.close();
    return 'elsewhere';
  }
  const { begun, gateway } = trip;
  returned = { gateway, proof: () => endSignIn(begun, answer) };
  return 'here';
}

/** Who has come back to this page, once. */
export function claimReturn(): Returned | undefined {
  const one = returned;
  returned = undefined;
  return one;
}

/** Has the person prove anew, in a window of its own, who it is at the provider. @throws ClientError aborted, usage */
export async function proveAt(door: SignInDoor): Promise<OidcProof> {
  const { begun, address } = await beginSignIn(door, consoleAddress(), true);
  const channel = new BroadcastChannel(BACK);
  const window = open(address, '_blank', 'popup,width=520,height=720');
  try {
    if (window === null) throw new ClientError('usage', 'this browser opens no window for the identity provider');
    return endSignIn(begun, await backWith(channel, begun));
  } finally {
    channel.close();
  }
}

function backWith(channel: BroadcastChannel, { state }: SignInBegun): Promise<URLSearchParams> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new ClientError('aborted', 'nobody came back from the provider')), PATIENCE);
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const answer = new URLSearchParams(typeof data === 'string' ? data : '');
      if (answer.get('state') !== state) return;
      clearTimeout(late);
      resolve(answer);
    });
  });
}

function keptTrip(text: string | null): { readonly begun: SignInBegun; readonly gateway: KnownGateway } | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { begun, gateway } = { begun: undefined, gateway: undefined, ...value };
  return isBegun(begun) && isKnownGateway(gateway) ? { begun, gateway } : undefined;
}

const FIELDS = ['provider', 'state', 'nonce', 'verifier', 'redirectUri'] as const;

function isBegun(value: unknown): value is SignInBegun {
  if (typeof value !== 'object' || value === null) return false;
  return FIELDS.every((name) => typeof Reflect.get(value, name) === 'string');
}
