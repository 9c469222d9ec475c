import { type Channel, whole } from './channel.ts';
import type { FaxFilter } from './faxes.ts';
import { segment, withQuery } from './query.ts';
import type { AdminFax, CallInfo, List, PageInfo, Receipt } from './types.ts';

/** Which faxes of which account; of all of them when none is named. */
export interface AdminFaxFilter extends FaxFilter {
  account?: string;
}

/** Faxes of all accounts, for administrators. */
export interface AdminFaxes {
  /** Newest first. */
  list(filter?: AdminFaxFilter): Promise<List<AdminFax>>;
  get(id: string): Promise<AdminFax>;
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
    get: async (id) => (await read(at(id))) as AdminFax,
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
