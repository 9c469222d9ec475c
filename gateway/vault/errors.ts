import { VaultError } from '../ports/image-vault.ts';

export { VaultError };

/** The system's own code of a failed call, such as `ENOENT`; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** No room, no quota, or a file over the process's size limit: for a fax these are one thing. */
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** `error`, as `storage_full` when the disk had no room. */
export function asStorageFault(error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined || !FULL.includes(code)) return error;
  return new VaultError('storage_full', 'no room for the sealed object', { cause: error });
}
