import type { NoticeTopic, OutboxMail } from '../client/browser.ts';

/** What may be heard of, in the words of the console. */
export const TOPICS: readonly (readonly [NoticeTopic, string])[] = [
  ['carriers', 'Carriers that get no calls, accounts without a carrier'],
  ['destinations', 'Faxes to a new country that wait for a decision'],
  ['budgets', 'Budgets that are nearly or wholly spent'],
  ['erasure', 'Images, keys and copies at carriers that were not erased in time'],
  ['backups', 'Backups that failed or are overdue; a full disk'],
  ['audit', 'An audit log that is not sealed'],
  ['administrators', 'New administrators, other rights, and changes of those who have no address'],
];

/** Topics of an account, and of administrators who are bound to one. */
export const ACCOUNT_TOPICS: readonly NoticeTopic[] = ['destinations', 'budgets'];
export const BOUND_TOPICS: readonly NoticeTopic[] = [...ACCOUNT_TOPICS, 'administrators'];

/** What a mail of the outbox is about. */
export const MAIL_KINDS: Readonly<Record<OutboxMail['kind'], string>> = {
  login_network: 'Log-in from a new place',
  login_failures: 'Log-in after refused ones',
  login_intercepted: 'Intercepted TLS',
  user_new: 'New API user',
  user_changed: 'Way to log in changed',
  administrator_new: 'New administrator',
  administrator_changed: 'Rights changed',
  account_changed: 'Account closed or opened',
  addresses_changed: 'Addresses changed',
  alert: 'Alert',
  report: 'Report',
  trial: 'Trial message',
};
