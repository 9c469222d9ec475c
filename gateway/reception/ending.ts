import { base64url, fromBase64url, wrapToPublicKey } from '../../crypto/index.ts';
import type { Account } from '../fax/account.ts';
import type { CallResult } from '../fax/call-result.ts';
import type { AccountId, CallId, FaxId } from '../fax/ids.ts';
import type { CarrierCopy } from '../ports/carrier-adapter.ts';
import type { OrphanCall } from '../ports/fax-records.ts';
import { VaultError } from '../ports/image-vault.ts';
import type { ReceptionParts } from './parts.ts';

/** An incoming call that is over and not yet written off. */
export interface InboundEnd {
  readonly fax: FaxId;
  readonly call: CallId;
  readonly fence: number;
  readonly result: CallResult;
  /** Whole pages in the records. */
  readonly pages: number;
  /** `inbound_hold` 0: what nobody has taken dies with the call. */
  readonly dies: boolean;
  /** What becomes of the carrier's copy of a stored fax; of any other it says nothing. */
  readonly copy: CarrierCopy;
}

/**
 * W5 of an incoming call: CDR, event and state in one transaction; then our own wrap is dropped (sealed inbound) or a
 * call without pages is wiped. False: another worker has taken the fax over; nothing was written.
 */
export async function endInbound(parts: ReceptionParts, end: InboundEnd, sealedKey: string | null): Promise<boolean> {
  const { records, clock, log, metrics, vault } = parts;
  if (!(await records.inboundEnded(end.call, end.fence, end.result, sealedKey, clock.now(), end.copy))) return false;
  parts.purgeSoon?.();
  metrics.count('calls_total', { cause: end.result.cause, direction: 'inbound' });
  log.info({ fax: end.fax, call: end.call, cause: end.result.cause, pages: end.pages }, 'an incoming call has ended');
  try {
    if (end.pages === 0 || end.dies) await parts.wipe(end.fax);
    else if (sealedKey !== null) await vault.dropOwnWrap(end.fax);
  } catch (error) {
    log.warn({ fax: end.fax, error: String(error) }, 'a key could not be dropped at once; the sweeper will');
  }
  return true;
}

/**
 * The fax's key wrapped to the public key that the account registered (base64url, context = fax id), or null without
 * one. From the moment our own wrap is dropped only its owner can open the pages.
 */
export async function sealedTo({ policy }: Account, fax: FaxId, dek: Uint8Array): Promise<string | null> {
  const key = policy.sealedInboundKey;
  return key === null ? null : base64url(await wrapToPublicKey(fromBase64url(key), dek, fax));
}

/**
 * Ends an incoming call whose worker has died: what is whole is received, what is not recorded goes. Of a fax that the
 * carrier keeps nothing is received: whether its last page was among them nobody knows, and it is taken again as a whole.
 */
export async function settleInbound(parts: ReceptionParts, orphan: OrphanCall, fence: number): Promise<void> {
  const { call, fax } = orphan;
  const pages = call.stored ? [] : await parts.records.pages(fax.id);
  await removeUnrecorded(parts, fax.id, new Set(pages.map((page) => `page/${page.number}`)));
  const sealedKey = pages.length === 0 ? null : await sealedAgain(parts, fax.account, fax.id);
  const result: CallResult = {
    cause: 'gateway_stopped',
    detail: 'the worker died during the call',
    pagesConfirmed: pages.length,
    pageInFlight: false,
    remoteId: fax.remoteId,
    line: null,
  };
  const end = {
    fax: fax.id,
    call: call.id,
    fence,
    result,
    pages: pages.length,
    dies: fax.policy.inboundHold === 0,
    copy: 'take_again' as const,
  };
  await endInbound(parts, end, sealedKey);
}

/** A page that became durable a moment before the crash was never confirmed: the sender has it still. */
async function removeUnrecorded({ vault }: ReceptionParts, fax: FaxId, recorded: ReadonlySet<string>): Promise<void> {
  for (const { object } of await vault.objects(fax)) {
    if (!recorded.has(object)) await vault.remove(fax, object);
  }
}

async function sealedAgain(parts: ReceptionParts, account: AccountId, fax: FaxId): Promise<string | null> {
  const owner = await parts.accounts.account(account);
  if (owner === undefined || owner.policy.sealedInboundKey === null) return null;
  try {
    return await parts.vault.withKey(fax, (dek) => sealedTo(owner, fax, dek));
  } catch (error) {
    // The key went with its epoch: the fax is received, and its retention finds it as image_lost.
    if (error instanceof VaultError) return null;
    throw error;
  }
}
