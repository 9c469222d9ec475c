import type { Channel } from './channel.ts';
import { ApiProblem } from './errors.ts';
import { segment, withQuery } from './query.ts';
import type { Notices, OutboxMail, ReportSchedule, ReportScheduleWish } from './types.ts';

/** What may be set of notices; topics that are left out are none. */
export type NoticesWish = Pick<Notices, 'addresses'> & Partial<Pick<Notices, 'topics'>>;

/** Notices by mail, for administrators. */
export interface AdminMail {
  /** Where my own go, and what of. */
  mine(): Promise<Notices>;
  setMine(wish: NoticesWish): Promise<Notices>;
  /** Of an administrator, by id; for owners. */
  of(user: string): Promise<Notices>;
  setOf(user: string, wish: NoticesWish): Promise<Notices>;
  /** Of an account, by id or name. */
  ofAccount(account: string): Promise<Notices>;
  setOfAccount(account: string, wish: NoticesWish): Promise<Notices>;
  /** What waits, was sent or was given up, newest first; `sends` tells whether there is a server at all. */
  outbox(query?: {
    account?: string;
    state?: OutboxMail['state'];
    before?: string;
    limit?: number;
  }): Promise<{ items: OutboxMail[]; sends: boolean }>;
  /** Sends a message to see whether it arrives. */
  try(to: string): Promise<void>;
}

/** When saved reports are mailed. */
export interface ReportSchedules {
  /** Undefined: the report is not mailed. */
  get(name: string): Promise<ReportSchedule | undefined>;
  set(name: string, wish: ReportScheduleWish): Promise<ReportSchedule>;
  remove(name: string): Promise<void>;
}

/** @see AdminMail */
export function createAdminMail(channel: Channel): AdminMail {
  const read = (path: string) => channel.json({ method: 'GET', path, repeatable: true });
  const notices = async (path: string) => (await read(path)) as Notices;
  const set = async (path: string, wish: NoticesWish) => (await channel.json({ method: 'PUT', path }, wish)) as Notices;
  const own = '/v1/admin/me/notices';
  const user = (id: string) => `/v1/admin/users/${segment(id)}/notices`;
  const account = (name: string) => `/v1/admin/accounts/${segment(name)}/notices`;
  return {
    mine: () => notices(own),
    setMine: (wish) => set(own, wish),
    of: (id) => notices(user(id)),
    setOf: (id, wish) => set(user(id), wish),
    ofAccount: (name) => notices(account(name)),
    setOfAccount: (name, wish) => set(account(name), wish),
    outbox: async (query = {}) =>
      (await read(withQuery('/v1/admin/mail', query))) as { items: OutboxMail[]; sends: boolean },
    async try(to) {
      await channel.json({ method: 'POST', path: '/v1/admin/mail/trial' }, { to });
    },
  };
}

/** The schedules of the saved reports below `path`. */
export function createReportSchedules(channel: Channel, path: string): ReportSchedules {
  const at = (name: string) => `${path}/${segment(name)}/schedule`;
  return {
    async get(name) {
      try {
        return (await channel.json({ method: 'GET', path: at(name), repeatable: true })) as ReportSchedule;
      } catch (error) {
        if (error instanceof ApiProblem && error.code === 'report_schedule_not_found') return undefined;
        throw error;
      }
    },
    set: async (name, wish) => (await channel.json({ method: 'PUT', path: at(name) }, wish)) as ReportSchedule,
    async remove(name) {
      await channel.json({ method: 'DELETE', path: at(name) });
    },
  };
}
