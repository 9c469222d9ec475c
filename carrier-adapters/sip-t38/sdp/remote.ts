import { addressKind, addressType } from './address.ts';
import type { MediaDescription, SessionDescription } from './description.ts';
import type { Endpoint } from './media.ts';
import type { Reason } from './refusal.ts';

/** Where the far end wants to be sent to; null: nowhere, it is on hold. A reason: it cannot be reached. */
export type Remote = { readonly endpoint: Endpoint | null } | { readonly reason: Reason };

/** The far end of a media line, which a socket of ours at `local` has to reach. */
export function remoteOf(description: SessionDescription, line: MediaDescription, local: Endpoint): Remote {
  const address = line.address ?? description.address;
  if (address === null) return { reason: 'address' };
  const kind = addressKind(address);
  if (kind === 'hold') return { endpoint: null };
  if (kind === 'group') return { reason: 'multicast' };
  if (kind === 'name' || addressType(address) !== addressType(local.address)) return { reason: 'address' };
  return { endpoint: { address, port: line.port } };
}
