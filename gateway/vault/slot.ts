import { openSmall, SealError, sealSmall } from '../../crypto/index.ts';
import type { Epoch } from '../ports/image-vault.ts';

// Slot file: 1 + SLOTS blocks of 512 octets, one device sector each, so that a block is written whole or not at all.
//
//   block 0        0 "SFXK"   4 version 1   5 zero…   8 sealed check record (29 + 16), context "slots check"
//   block 1…SLOTS  0 epoch, u64   8 openedAt, u64 ms   16 sealed KEK (29 + 32), context "slot <block> epoch <epoch> <openedAt>"
//                  all zero: free
//
// Everything is sealed under the root key by crypto's sealSmall (AES-256-GCM).

/** Octets of a block. */
export const BLOCK_SIZE = 512;
/** Epochs that may have a key at once. Two is the rule; more wait while a roll cannot finish. */
export const SLOTS = 16;
/** Octets of the whole file. */
export const FILE_SIZE = BLOCK_SIZE * (SLOTS + 1);

const MAGIC = new TextEncoder().encode('SFXK\u0001');
const CHECK_AT = 8;
const CHECK_SIZE = 16;
const KEK_AT = 16;
const KEK_SIZE = 32;
const SEAL_OVERHEAD = 29;
const CHECK_CONTEXT = 'slots check';

/** A fresh file: the check record, and no key. */
export async function emptySlotFile(rootKey: Uint8Array): Promise<Uint8Array> {
  const file = new Uint8Array(FILE_SIZE);
  file.set(MAGIC);
  file.set(await sealSmall(rootKey, CHECK_CONTEXT, new Uint8Array(CHECK_SIZE)), CHECK_AT);
  return file;
}

/** What a file turned out to be. */
export type SlotFileState = 'ours' | 'foreign' | 'other_root_key';

/** Whether `file` is a slot file of this root key. */
export async function inspectSlotFile(rootKey: Uint8Array, file: Uint8Array): Promise<SlotFileState> {
  if (file.length !== FILE_SIZE || MAGIC.some((octet, at) => file[at] !== octet)) return 'foreign';
  const check = file.subarray(CHECK_AT, CHECK_AT + SEAL_OVERHEAD + CHECK_SIZE);
  return (await opened(rootKey, CHECK_CONTEXT, check)) === undefined ? 'other_root_key' : 'ours';
}

/** The block of one epoch. */
export async function sealSlot(rootKey: Uint8Array, block: number, epoch: Epoch): Promise<Uint8Array> {
  const octets = new Uint8Array(BLOCK_SIZE);
  const view = new DataView(octets.buffer);
  view.setBigUint64(0, BigInt(epoch.number));
  view.setBigUint64(8, BigInt(epoch.openedAt));
  octets.set(await sealSmall(rootKey, contextOf(block, epoch.number, epoch.openedAt), epoch.kek), KEK_AT);
  return octets;
}

/** The epoch of a block; undefined when it is free, or was torn while it was written (then no row names its epoch). */
export async function openSlot(rootKey: Uint8Array, block: number, octets: Uint8Array): Promise<Epoch | undefined> {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const number = Number(view.getBigUint64(0));
  const openedAt = Number(view.getBigUint64(8));
  if (number === 0) return undefined;
  const sealed = octets.subarray(KEK_AT, KEK_AT + SEAL_OVERHEAD + KEK_SIZE);
  const kek = await opened(rootKey, contextOf(block, number, openedAt), sealed);
  return kek === undefined ? undefined : { number, openedAt, kek };
}

function contextOf(block: number, number: number, openedAt: number): string {
  return `slot ${block} epoch ${number} ${openedAt}`;
}

/** The plaintext, owned by the caller; undefined when it does not open. */
async function opened(rootKey: Uint8Array, context: string, sealed: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await openSmall(rootKey, context, sealed);
  } catch (error) {
    if (error instanceof SealError && error.code === 'wrap') return undefined;
    throw error;
  }
}
