import {
  base64url,
  copyBytes,
  fromBase64url,
  hmacSha256,
  newBytes,
  newKey,
  pinOf,
  type RecipientKey,
  unwrapKey,
  unwrapWithPrivateKey,
  wipe,
  wrapKey,
  wrapToPublicKey,
} from '../../crypto/index.ts';
import { BackupError } from './errors.ts';
import type { BackupHeader } from './header.ts';

/** The key of one backup, and its wraps for the header. */
export interface FileKey {
  /** 32 octets; the caller wipes them. */
  readonly key: Uint8Array;
  readonly wraps: BackupHeader['keys'];
}

/**
 * A key for one backup. Always half of it is wrapped under the root key, so that nobody without that key can make a
 * backup that a gateway would take for its own. With a recipient the other half is wrapped to its public key: then the
 * gateway writes backups that it cannot read again, and whoever takes the root key from it cannot either.
 *
 * @param recipient public key of the operator (SPKI), or undefined
 */
export async function makeFileKey(
  id: string,
  rootKey: Uint8Array,
  recipient: Uint8Array | undefined,
): Promise<FileKey> {
  const ours = newKey();
  const root = base64url(await wrapKey(rootKey, ours, contextOf(id)));
  if (recipient === undefined) return { key: ours, wraps: { root } };
  const theirs = newKey();
  const wrapped = base64url(await wrapToPublicKey(recipient, theirs, contextOf(id)));
  return { key: joined(ours, theirs), wraps: { root, recipient: { pin: await pinOf(recipient), wrapped } } };
}

/** The key of a backup again; the caller wipes it. @throws BackupError wrong_key, key_missing */
export async function openFileKey(
  header: BackupHeader,
  rootKey: Uint8Array,
  recipient: RecipientKey | undefined,
): Promise<Uint8Array> {
  const { id, keys } = header;
  const ours = await opened('the root key', () => unwrapKey(rootKey, fromBase64url(keys.root), contextOf(id)));
  if (keys.recipient === undefined) return ours;
  if (recipient === undefined) {
    wipe(ours);
    throw new BackupError(
      'key_missing',
      `the backup is sealed to the public key with the pin ${keys.recipient.pin.slice(0, 16)}…: give its private key`,
    );
  }
  const { wrapped } = keys.recipient;
  const theirs = await opened('the private key', () =>
    unwrapWithPrivateKey(recipient, fromBase64url(wrapped), contextOf(id)),
  );
  return joined(ours, theirs);
}

const contextOf = (id: string): string => `backup ${id}`;

/** HMAC-SHA-256 is a dual PRF: without either half the result is random. Both halves are wiped. */
function joined(ours: Uint8Array, theirs: Uint8Array): Uint8Array {
  const label = new TextEncoder().encode('sealfax backup');
  const message = newBytes(label.length + theirs.length);
  message.set(label);
  message.set(theirs, label.length);
  const mac = hmacSha256(ours, message);
  const key = copyBytes(mac);
  wipe(ours, theirs, message, mac);
  return key;
}

async function opened(what: string, open: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await open();
  } catch {
    throw new BackupError('wrong_key', `${what} does not open this backup`);
  }
}
