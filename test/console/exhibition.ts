import type { SMTPServerOptions } from 'smtp-server';
import { type Admin, connect, connectAdmin } from '../../api/client/index.ts';
import { totpCode } from '../../crypto/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory, type Service, startService } from '../../ops/bench/service.ts';
import { openPostOffice, type PostOffice } from '../scenarios/mail/post-office.ts';

/** A gateway as an operator runs it, with something on every page of the console. */
export interface Exhibition {
  readonly service: Service;
  /** Where its mails arrive. */
  readonly office: PostOffice;
  /** A code of the owner's authenticator that has not been used before. */
  code(): Promise<string>;
  /** What pages of one thing show, by the word before it in the address: `faxes`, `accounts`. */
  readonly shown: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** A second owner, without an authenticator. */
export const DEPUTY = { name: 'deputy', password: 'the password of the deputy' };

const BUSY = '+15550100002';
const CARRIERS = [
  { kind: 'loopback', name: 'north', speed: 'instant', rules: [{ number: BUSY, behaviour: 'busy' }] },
  { kind: 'loopback', name: 'south', speed: 'instant' },
];
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Milliseconds: a step of TOTP. */
const STEP = 30_000;

/**
 * Starts it, sends faxes over it that arrive and that do not, and gives the owner an authenticator. `empty`: as it is
 * after its first start. `carriers`: others than the two that call in no time.
 */
export async function openExhibition({
  empty = false,
  carriers = CARRIERS as readonly object[],
} = {}): Promise<Exhibition> {
  const { path, remove } = await benchDirectory();
  const office = await openPostOffice({ disabledCommands: ['STARTTLS'], onRcptTo: refuseLeavers });
  const service = await startService(path, { ...mailSettings(office), SEALFAX_CARRIERS: JSON.stringify(carriers) });
  const stop = async () => {
    await service.stop();
    await office.stop();
    await remove();
  };
  try {
    const shown = empty ? {} : await fill(service);
    const secret = await giveAuthenticator(service);
    let used = 0;
    const code = async () => {
      // A code opens one session, and the gateway takes that of the next step too.
      const step = Math.max(Math.floor(Date.now() / STEP), used + 1);
      used = step;
      return totpCode(secret, step);
    };
    return { service, office, code, shown, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Somebody who has left: the mailbox is gone. */
const LEAVER = 'leaver@example.org';
const refuseLeavers: NonNullable<SMTPServerOptions['onRcptTo']> = ({ address }, _session, done) =>
  done(address === LEAVER ? Object.assign(new Error('5.1.1 nobody here'), { responseCode: 550 }) : null);
const mailSettings = ({ port }: PostOffice) => ({
  SEALFAX_SMTP_URL: `smtp://127.0.0.1:${port}`,
  SEALFAX_MAIL_FROM: 'sealfax@example.org',
});

/** Notices with addresses, a trial that cannot arrive, and a report that is mailed. */
async function writeMails(admin: Admin, account: string): Promise<void> {
  const { id } = await admin.me();
  await admin.mail.setMine({ addresses: ['owner@example.org'], topics: ['backups', 'carriers'] });
  await admin.mail.setOfAccount(account, { addresses: ['desk@example.org'], topics: ['budgets'] });
  await admin.mail.try(LEAVER);
  const query = { period: 'yesterday', by: ['cause'] } as const;
  await admin.reports.save('failures', { title: 'What failed yesterday', query: { ...query, by: [...query.by] } });
  await admin.reports.schedules.set('failures', { every: 'daily', hour: 7, administrators: [id] });
}

async function fill({ admin: { connection, password }, api }: Service): Promise<Exhibition['shown']> {
  const admin = connectAdmin(connection, password);
  const client = connect(api.connection, api.secret);
  try {
    const main = (await admin.accounts()).find(({ name }) => name === 'main');
    if (main === undefined) throw new Error('the first start made no account');
    await writeMails(admin, main.id);
    await admin.createAdministrator({ ...DEPUTY, role: 'owner' });
    await admin.addNumber(main.id, { number: '+15550190001', label: 'Main desk' });
    await admin.changeAccount(main.id, { policy: { retries: 0 } });
    const clinic = await admin.createAccount({ name: 'clinic', title: 'Clinic by the lake' });
    await admin.pauseAccount(clinic.id, 'The contract has ended');
    await admin.pauseCarrier('south', 'Its maintenance is announced for tonight');
    await client.webhooks.create({ url: 'https://hooks.example.org/fax' }).catch(() => undefined);
    const letter = await sampleLetter();
    const send = async (to: string) => client.faxes.wait((await client.faxes.send({ to, documents: [letter] })).id);
    const delivered = await send('+15550100001');
    for (let more = 0; more < 4; more++) await send(`+1555010010${more}`);
    await send('+15550190001');
    const failed = await send(BUSY);
    const review = await admin.faxes.send(main.id, { to: '+15550100009', documents: [letter], review: true });
    const [call] = (await admin.cdrs({ fax: failed.id })).items;
    const [user] = await admin.users(main.id);
    const [owner] = await admin.administrators();
    return {
      ...{ accounts: main.id, users: user?.id ?? '', administrators: owner?.id ?? '', carriers: 'north' },
      ...{ faxes: failed.id, calls: call?.call ?? '', delivered: delivered.id, review: review.id },
    };
  } finally {
    await client.close();
    await admin.close();
  }
}

/** The owner's log-ins need a code from now on; the answer is what makes it. */
async function giveAuthenticator({ admin: { connection, password } }: Service): Promise<Uint8Array> {
  const admin = connectAdmin(connection, password);
  const owner = (await admin.administrators()).find(({ name }) => name === 'owner');
  if (owner === undefined) throw new Error('the first start made no owner');
  const { secret } = await admin.enableTotp(owner.id);
  const bits = [...secret].map((one) => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('');
  const octets = Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
  await admin.confirmTotp(owner.id, totpCode(octets, Math.floor(Date.now() / 30_000) - 1));
  await admin.close();
  return octets;
}
