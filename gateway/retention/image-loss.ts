import type { FaxId } from '../fax/ids.ts';
import { isFinal } from '../fax/states.ts';
import type { Clock } from '../ports/clock.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import type { ImageVault } from '../ports/image-vault.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { VaultRecords } from '../ports/vault-records.ts';

/** What the end of a fax without an image needs. */
export interface ImageEndParts {
  readonly vault: Pick<ImageVault, 'wipe' | 'discard'>;
  readonly records: Pick<VaultRecords, 'addIntent'>;
  readonly faxes: Pick<FaxRecords, 'fax' | 'endUncalled'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * What the epoch roll calls for a fax whose key or image is gone: it ends as `image_lost` and what is left of it is
 * wiped. Never throws; a fax with a live call is left to that call, and told of again by the next sweep.
 */
export function createImageLoss(parts: ImageEndParts): (fax: FaxId) => Promise<void> {
  return async (fax) => {
    try {
      const ended = await endImage(parts, fax, 'image_lost', 'the encrypted image or its key is gone');
      if (ended) parts.metrics.count('images_lost');
      parts.log.warn({ fax, ended }, 'an image is lost');
    } catch (error) {
      parts.log.error({ fax, error: nameOf(error) }, 'a fax without an image could not be ended');
    }
  };
}

/**
 * Ends whatever of the fax is unfinished with `cause`, then wipes it. False when it has to wait, because a call or a
 * rendering holds it.
 */
export async function endImage(
  parts: ImageEndParts,
  id: FaxId,
  cause: 'image_lost' | 'deadline_passed',
  detail: string,
): Promise<boolean> {
  const fax = await parts.faxes.fax(id);
  if (fax === undefined) {
    await parts.vault.discard(id);
    return true;
  }
  const now = parts.clock.now();
  if (!isFinal(fax.state)) {
    // An inbound fax that is not final is a call in progress: reception ends it.
    if (fax.direction === 'inbound') return false;
    if (!(await parts.faxes.endUncalled(id, null, 'failed', cause, detail, now))) return false;
  }
  await wipeBecause(parts, id, cause);
  return true;
}

/** Intent first: a wipe that is killed is then found and finished with its reason. */
export async function wipeBecause(
  parts: Pick<ImageEndParts, 'vault' | 'records' | 'clock'>,
  fax: FaxId,
  reason: string,
): Promise<void> {
  await parts.records.addIntent(fax, reason, parts.clock.now());
  await parts.vault.wipe(fax, reason);
}

/** What a log may hold of an error: its name and code, never its message. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}
