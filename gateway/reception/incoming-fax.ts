import { wipe } from '../../crypto/index.ts';
import type { Account } from '../fax/account.ts';
import type { CallResult, LineReport } from '../fax/call-result.ts';
import type { Cause } from '../fax/cause.ts';
import type { CallId } from '../fax/ids.ts';
import { heardSubaddress } from '../fax/subaddress.ts';
import type { CarrierCopy, IncomingCall, IncomingPageInfo } from '../ports/carrier-adapter.ts';
import { VaultError } from '../ports/image-vault.ts';
import { endInbound } from './ending.ts';
import { ReceptionError } from './errors.ts';
import type { Hold } from './hold.ts';
import { IncomingPage } from './incoming-page.ts';
import { type ReceptionParts, TIMES } from './parts.ts';

/** What a rung call is received with. */
export interface Ringing {
  readonly call: CallId;
  readonly account: Account;
  readonly hold: Hold;
  /** Owned from here on; zeroed at the end. */
  readonly dek: Uint8Array;
  /** See `sealedTo`; made before the first page, so that a call that cannot be sealed is not taken. */
  readonly sealedKey: string | null;
  /** Whether the carrier keeps the fax until it is purged. */
  readonly stored: boolean;
  /** Called once, when the call is settled. */
  readonly done: () => void;
}

/**
 * One incoming fax. The carrier's calls are taken one after the other, whatever their order in time; the first failure
 * gives the call its cause, and everything after it but `ended` is refused.
 */
export class IncomingFax implements IncomingCall {
  readonly #parts: ReceptionParts;
  readonly #ringing: Ringing;
  #page: IncomingPage | undefined;
  #pages = 0;
  #fault: Cause | undefined;
  #over = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ReceptionParts, ringing: Ringing) {
    this.#parts = parts;
    this.#ringing = ringing;
  }

  answered(remoteId: string | null, subaddress: string | null = null): Promise<void> {
    return this.#next(async () => {
      const { call, hold } = this.#ringing;
      const { records, clock } = this.#parts;
      const shown = remoteId === null ? null : remoteId.slice(0, 20);
      const heard = heardSubaddress(subaddress);
      hold.assert(await records.receiving(call, hold.fence, shown, clock.now(), heard));
    });
  }

  beginPage(info: IncomingPageInfo): Promise<void> {
    return this.#next(async () => {
      if (this.#page !== undefined) throw new ReceptionError('out_of_turn', 'a page is open already');
      const { account, dek, hold } = this.#ringing;
      if (this.#pages >= account.policy.maxPages) {
        throw new ReceptionError('too_many_pages', 'the account takes no more pages');
      }
      this.#page = await IncomingPage.begin(this.#parts.vault, hold.fax, dek, this.#pages + 1, info);
    });
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#next(() => this.#openPage().write(chunk));
  }

  endPage(report: { readonly rows: number; readonly line: LineReport }): Promise<void> {
    return this.#next(async () => {
      const { call, hold } = this.#ringing;
      const { records, clock, metrics } = this.#parts;
      const page = await this.#openPage().end(report.rows);
      hold.assert(await records.pageReceived(call, hold.fence, page, report.line, clock.now()));
      this.#page = undefined;
      this.#pages++;
      metrics.count('pages_received_total');
    });
  }

  dropPage(): Promise<void> {
    return this.#next(async () => {
      const page = this.#openPage();
      this.#page = undefined;
      await page.drop();
    });
  }

  ended(result: CallResult, copy?: CarrierCopy): Promise<void> {
    const ending = this.#turn.then(() => this.#end(result, copy));
    this.#turn = ending.catch(() => {});
    return ending;
  }

  #openPage(): IncomingPage {
    if (this.#page === undefined) throw new ReceptionError('out_of_turn', 'no page is open');
    return this.#page;
  }

  #next(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(async () => {
      if (this.#over || this.#fault !== undefined) throw new ReceptionError('out_of_turn', 'the call is over');
      this.#ringing.hold.assert();
      await act();
    });
    this.#turn = turn.catch((error: unknown) => this.#failed(error));
    return turn;
  }

  #failed(error: unknown): void {
    this.#fault ??= causeOf(error);
    this.#parts.log.warn(
      { fax: this.#ringing.hold.fax, cause: this.#fault, error: String(error) },
      'an incoming call is cut',
    );
  }

  async #end(result: CallResult, copy: CarrierCopy = result.cause === 'ok' ? 'purge' : 'take_again'): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    const { hold, dek, done, stored } = this.#ringing;
    try {
      await this.#page?.drop();
    } finally {
      wipe(dek);
    }
    try {
      const cause = this.#fault ?? result.cause;
      const left = this.#fault === undefined ? copy : 'take_again';
      const written = await this.#settle({ ...result, cause, pagesConfirmed: this.#pages }, left);
      // The carrier must not be told that a fax is here whose end nobody will find.
      if (stored && (!written || left !== copy)) throw new ReceptionError('fenced', 'the fax has to be offered again');
    } finally {
      hold.stop();
      done();
    }
  }

  /** W5, again while the records do not answer and the fax may still be ours; after that it is an orphan. True: written. */
  async #settle(result: CallResult, copy: CarrierCopy): Promise<boolean> {
    const { account, call, hold, sealedKey, stored } = this.#ringing;
    const { fax, fence } = hold;
    const pages = stored && copy === 'take_again' ? 0 : this.#pages;
    const end = { fax, call, fence, result, pages, dies: account.policy.inboundHold === 0, copy };
    while (hold.holds) {
      try {
        return await endInbound(this.#parts, end, pages === 0 ? null : sealedKey);
      } catch (error) {
        this.#parts.log.warn({ fax, error: String(error) }, 'the end of an incoming call cannot be written');
        await new Promise<void>((resolve) => this.#parts.clock.after(TIMES.writeAgain, resolve));
      }
    }
    return false;
  }
}

/** The cause that the call gets when our own side fails. */
function causeOf(error: unknown): Cause {
  if (error instanceof VaultError && error.code === 'storage_full') return 'storage_full';
  if (error instanceof ReceptionError && error.code !== 'fenced') return 'rejected';
  return 'gateway_stopped';
}
