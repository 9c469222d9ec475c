import { SealError, unwrapKey, wrapKey } from '../../crypto/index.ts';
import type { WrappedKey } from '../ports/vault-records.ts';
import { VaultError } from './errors.ts';

// A key row holds a wrap (61 octets, first octet 1: crypto/SPEC.md §10) or, once the wrap has been taken away, a mark
// of the same length:   0 zero (no version of a wrap)   1 kind   2..60 zero
//
// A mark keeps the row's DEK name and epoch for the receipt, so that a wipe may die between any two steps and still
// be finished by the next one.

/** Why a row has no wrap: dropped for sealed inbound, taken by a wipe under way, or found not to open. */
export type KeyMark = 'dropped' | 'wiping' | 'lost';

const KINDS: readonly KeyMark[] = ['dropped', 'wiping', 'lost'];
const WRAP_SIZE = 61;

/** The octets that stand for `mark` in the place of a wrap. */
export function marked(mark: KeyMark): Uint8Array {
  const octets = new Uint8Array(WRAP_SIZE);
  octets[1] = KINDS.indexOf(mark) + 1;
  return octets;
}

/** The mark that a row bears; undefined for a wrap. Octets that are neither count as `lost`. */
export function markOf(wrapped: Uint8Array): KeyMark | undefined {
  if (wrapped[0] !== 0) return undefined;
  return KINDS[(wrapped[1] ?? 0) - 1] ?? 'lost';
}

type Place = Pick<WrappedKey, 'fax' | 'dek'>;

/**
 * Wraps a DEK for its row under `epoch`. A wrap moved to another fax, key name or epoch does not open.
 *
 * @throws VaultError epoch_unavailable for a KEK that was zeroed since it was looked up
 */
export async function wrapFor(place: Place, epoch: number, kek: Uint8Array, dek: Uint8Array): Promise<Uint8Array> {
  if (kek.every((octet) => octet === 0)) throw new VaultError('epoch_unavailable', 'the key epoch has just ended');
  return wrapKey(kek, dek, contextOf(place, epoch));
}

/** The DEK of a row, owned by the caller; undefined when the wrap does not open under `kek`. */
export async function unwrapOf(row: WrappedKey, kek: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await unwrapKey(kek, row.wrapped, contextOf(row, row.epoch));
  } catch (error) {
    if (error instanceof SealError && error.code === 'wrap') return undefined;
    throw error;
  }
}

function contextOf(place: Place, epoch: number): string {
  return `dek ${place.fax} ${place.dek} ${epoch}`;
}
