import { readFileSync } from 'node:fs';
import { reportSheet } from '../../api/report-sheet.ts';
import type { Post } from '../../gateway/mail/index.ts';
import type { AccountRecords } from '../../gateway/ports/account-records.ts';
import type { CdrRecords } from '../../gateway/ports/cdr-records.ts';
import type { Mailer } from '../../gateway/ports/mailer.ts';
import { type Config, ConfigError, SETTINGS } from '../config.ts';
import { createSmtpMailer, type SmtpServer } from './smtp.ts';

/** Who takes the mails of this gateway; undefined: nobody, and none are written. @throws ConfigError */
export function mailerOf(config: Config): Mailer | undefined {
  const { smtpUrl, smtpPasswordFile, mailFrom, names } = config;
  if (smtpUrl === undefined) {
    if (mailFrom === undefined && smtpPasswordFile === undefined) return undefined;
    const { variable, example } = SETTINGS.smtpUrl;
    throw new ConfigError(variable, 'is missing: without a server no mail is sent', example);
  }
  if (mailFrom === undefined) {
    throw new ConfigError(SETTINGS.mailFrom.variable, 'is missing: every mail has a sender', SETTINGS.mailFrom.example);
  }
  const { host, port, implicitTls, user } = smtpUrl;
  const login = user === null ? null : { user, password: passwordOf(config) };
  const name = names.find((one) => one.includes('.') && !isLoopback(one)) ?? '[127.0.0.1]';
  const tls = tlsOf(host, implicitTls);
  return createSmtpMailer({ host, port, tls, login, name, from: mailFrom });
}

/** Only a server on this very host is spoken to in the clear, where there is nobody to listen. */
function tlsOf(host: string, implicit: boolean): SmtpServer['tls'] {
  if (implicit) return 'implicit';
  return isLoopback(host) ? 'none' : 'starttls';
}

function isLoopback(host: string): boolean {
  return /^(localhost|::1|127(\.\d{1,3}){3})$/.test(host);
}

function passwordOf({ smtpPasswordFile: file }: Config): string {
  const { variable, example } = SETTINGS.smtpPasswordFile;
  if (file === undefined) throw new ConfigError(variable, 'is missing: the server is given a user', example);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw new ConfigError(variable, 'names a file that cannot be read', example);
  }
  if (text === '') throw new ConfigError(variable, 'names an empty file', example);
  return text;
}

/** The mailer with all that is said in our name. */
export function postOf(
  { names, currency }: Config,
  mailer: Mailer,
  records: { readonly cdrs: Pick<CdrRecords, 'summary'>; readonly accounts: Pick<AccountRecords, 'account'> },
): Post {
  const sheet = { cdrs: records.cdrs, account: records.accounts.account, currency };
  return { mailer, host: names[0] ?? 'sealfax', runReport: (wish) => reportSheet(sheet, wish) };
}
