import { type Channel, whole } from './channel.ts';
import { type FaxFilter, type SendControl, type SendRequest, submit } from './faxes.ts';
import { segment, withQuery } from './query.ts';
import {
  type AdminFax,
  type CallInfo,
  ENDED,
  type FaxProgress,
  type List,
  type PageInfo,
  type Receipt,
} from './types.ts';
import { watch } from './watch.ts';

/** A fax that an administrator sends for an account. */
export interface AdminSendRequest extends SendRequest {
  /** Its pages are made and wait to be looked at; nobody is called before `release`. After an hour it is canceled. */
  review?: boolean;
}

/** Which faxes of which account; of all of them when none is named. */
export interface AdminFaxFilter extends FaxFilter {
  account?: string;
}

/** Faxes of all accounts, for administrators. */
export interface AdminFaxes {
  /** Newest first. */
  list(filter?: AdminFaxFilter): Promise<List<AdminFax>>;
  /** Sends a fax for an account, by its id or name; the administrator is named as who has sent it. */
  send(account: string, request: AdminSendRequest, control?: SendControl): Promise<AdminFax>;
  /** Lets a fax go that was sent with `review`: somebody has looked at its pages. */
  release(id: string): Promise<AdminFax>;
  get(id: string): Promise<AdminFax>;
  /**
   * How it stands, at once and whenever that changes, over interruptions too; until it has ended and its pages are
   * erased, or `signal` aborts.
   */
  watch(id: string, signal?: AbortSignal): AsyncGenerator<FaxProgress>;
  calls(id: string): Promise<CallInfo[]>;
  pages(id: string): Promise<PageInfo[]>;
  /** The exact page as it is sent, as a PNG; while the image exists. The audit log names who has looked. */
  preview(id: string, page: number): Promise<Uint8Array>;
  /** Both wipe receipts. */
  receipt(id: string): Promise<Receipt>;
  /** `ended`: canceled now. `asked`: its call is being ended. */
  cancel(id: string): Promise<'ended' | 'asked'>;
  resend(id: string, mode: 'rest' | 'all'): Promise<AdminFax>;
}

/** @see AdminFaxes */
export function createAdminFaxes(channel: Channel): AdminFaxes {
  const at = (id: string, rest = '') => `/v1/admin/faxes/${segment(id)}${rest}`;
  const read = (path: string) => channel.json({ method: 'GET', path, repeatable: true });
  return {
    list: async (filter = {}) => (await read(withQuery('/v1/admin/faxes', filter))) as List<AdminFax>,
    send: async (account, request, control = {}) =>
      (await submit(channel, `/v1/admin/accounts/${segment(account)}/faxes`, request, control)) as AdminFax,
    release: async (id) => (await channel.json({ method: 'POST', path: at(id, '/release') })) as AdminFax,
    get: async (id) => (await read(at(id))) as AdminFax,
    async *watch(id, signal) {
      for await (const progress of watch<FaxProgress>(channel, at(id, '/progress'), {}, signal)) {
        yield progress;
        if (ENDED.includes(progress.fax.state) && !progress.fax.imageExists) return;
      }
    },
    calls: async (id) => ((await read(at(id, '/calls'))) as { items: CallInfo[] }).items,
    pages: async (id) => ((await read(at(id, '/pages'))) as { items: PageInfo[] }).items,
    preview: async (id, page) => {
      const path = at(id, `/preview/${segment(page)}?pixels=square`);
      return whole(await channel.request({ method: 'GET', path, repeatable: true }));
    },
    receipt: async (id) => (await read(at(id, '/receipt'))) as Receipt,
    async cancel(id) {
      const answer = await channel.json({ method: 'POST', path: at(id, '/cancel'), repeatable: true });
      return (answer as { result: 'ended' | 'asked' }).result;
    },
    resend: async (id, mode) => (await channel.json({ method: 'POST', path: at(id, '/resend') }, { mode })) as AdminFax,
  };
}
