import type { Account } from '../fax/account.ts';
import type { CallResult, LineReport } from '../fax/call-result.ts';
import { heardSubaddress, type Subaddress } from '../fax/subaddress.ts';
import type { NumberOwner } from '../ports/account-records.ts';
import type { CallReception, CarrierCopy, IncomingCall, IncomingPageInfo } from '../ports/carrier-adapter.ts';
import { ReceptionError } from './errors.ts';

/** What a call to a shared number is received with. */
export interface Sharing {
  readonly owner: NumberOwner;
  /** Who has this subaddress of the number. */
  receiver(subaddress: Subaddress): Promise<Account | undefined>;
  /** Takes the call for an account, or says why not. */
  open(account: Account): ReturnType<CallReception['offer']>;
  /** Called once, when the call is settled. */
  readonly done: () => void;
}

/**
 * A call to a number that several accounts share. Until the far side has named its subaddress, or none (T.30 phase B),
 * nothing of it is anybody's: the fax and its key are made for whoever receives it then. Where nobody does, the number's
 * own account keeps the record of the call.
 */
export class SharedCall implements IncomingCall {
  readonly #sharing: Sharing;
  #call: Promise<IncomingCall> | undefined;
  #refused = false;

  constructor(sharing: Sharing) {
    this.#sharing = sharing;
  }

  async answered(remoteId: string | null, subaddress: string | null = null): Promise<void> {
    if (this.#call !== undefined) throw new ReceptionError('out_of_turn', 'the call was answered before');
    this.#call = this.#received(heardSubaddress(subaddress));
    const call = await this.#call;
    await call.answered(remoteId, subaddress);
    if (this.#refused) throw new ReceptionError('no_receiver', 'nobody receives what is sent to this subaddress');
  }

  async beginPage(info: IncomingPageInfo): Promise<void> {
    await (await this.#opened()).beginPage(info);
  }

  async write(chunk: Uint8Array): Promise<void> {
    await (await this.#opened()).write(chunk);
  }

  async endPage(report: { readonly rows: number; readonly line: LineReport }): Promise<void> {
    await (await this.#opened()).endPage(report);
  }

  async dropPage(): Promise<void> {
    await (await this.#opened()).dropPage();
  }

  async ended(result: CallResult, copy?: CarrierCopy): Promise<void> {
    this.#call ??= this.#open(this.#sharing.owner.account);
    try {
      // Whoever could not be reached has no record of the call, as when a call is refused at its first ring.
      const call = await this.#call.catch(() => undefined);
      await call?.ended(this.#refused ? { ...result, ...NOBODY } : result, copy);
    } finally {
      this.#sharing.done();
    }
  }

  async #received(subaddress: Subaddress | null): Promise<IncomingCall> {
    const { owner, receiver } = this.#sharing;
    const account = subaddress === null ? undefined : await receiver(subaddress);
    this.#refused = account === undefined && owner.number.subaddressOnly;
    return this.#open(account ?? owner.account);
  }

  async #open(account: Account): Promise<IncomingCall> {
    const answer = await this.#sharing.open(account);
    if ('accepted' in answer) return answer.accepted;
    throw new ReceptionError('no_receiver', `the receiver takes no call now: ${answer.refused}`);
  }

  #opened(): Promise<IncomingCall> {
    if (this.#call === undefined || this.#refused) throw new ReceptionError('out_of_turn', 'the call is nobody’s');
    return this.#call;
  }
}

const NOBODY = { cause: 'rejected', detail: 'nobody receives what is sent to this subaddress' } as const;
