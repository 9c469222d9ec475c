import { rootCertificates } from 'node:tls';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Mail, Mailer, MailOutcome } from '../../gateway/ports/mailer.ts';

/** A server that takes mails, and who we are to it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet on (RFC 8314 §3), by STARTTLS (RFC 3207), or none at all. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** Null: it asks for no log-in. */
  readonly login: { readonly user: string; readonly password: string } | null;
  /** Our name in EHLO. */
  readonly name: string;
  /** Sender of every mail. */
  readonly from: string;
  /** Certificate authorities (PEM) beside those of Node. */
  readonly ca?: readonly string[];
}

/** What one attempt may last in all. RFC 5321 §4.5.3.2 allows servers minutes; a mail that meets such a one waits. */
const DEADLINE = 60_000;
/** Silence at any point, ms. */
const SILENCE = 20_000;

/** Sends each mail over a connection of its own. A server that does not offer the TLS that it should gets nothing. */
export function createSmtpMailer(server: SmtpServer, deadline = DEADLINE): Mailer {
  /** What ends the attempts that are under way. */
  const ends = new Set<(outcome: MailOutcome) => void>();
  return {
    async send(mail) {
      const connection = connectionTo(server);
      const late = Promise.withResolvers<MailOutcome>();
      ends.add(late.resolve);
      const timer = setTimeout(() => late.resolve({ result: 'later', reason: 'timeout' }), deadline);
      try {
        return await Promise.race([deliver(connection, server, mail), late.promise]);
      } catch (error) {
        return outcomeOf(error);
      } finally {
        clearTimeout(timer);
        ends.delete(late.resolve);
        connection.close();
      }
    },
    close() {
      for (const end of ends) end({ result: 'later', reason: 'stopped' });
    },
  };
}

function connectionTo({ host, port, tls, name, ca }: SmtpServer): SMTPConnection {
  const connection = new SMTPConnection({
    ...{ host, port, name, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    ...{ connectionTimeout: SILENCE, greetingTimeout: SILENCE, socketTimeout: SILENCE, dnsTimeout: SILENCE },
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca: [...rootCertificates, ...ca] }) },
  });
  // What breaks is told to whoever waits for an answer; nobody waits for a connection that has done its work.
  connection.on('error', () => undefined);
  return connection;
}

async function deliver(connection: SMTPConnection, { login, from }: SmtpServer, mail: Mail): Promise<MailOutcome> {
  const message = await composed(mail, from);
  await new Promise<void>((resolve, reject) => {
    connection.once('error', reject);
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  if (login !== null) {
    const credentials = { user: login.user, pass: login.password };
    await called((done) => connection.login({ credentials }, done));
  }
  await called((done) => connection.send({ from, to: mail.to }, message, done));
  connection.quit();
  return { result: 'sent' };
}

/** Waits for a call, and for a connection that breaks under it. */
function called(call: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
}

/** The octets of a mail, RFC 5322: made from its id and date, so that a repeated one is the same. */
function composed({ id, to, at, subject, text, attachments = [] }: Mail, from: string): Promise<Buffer> {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return new MailComposer({
    from,
    to,
    subject,
    text,
    date: new Date(at),
    messageId: `<${id}@${domain}>`,
    // RFC 3834 §5: so that nobody's holiday notice answers it.
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments: attachments.map(({ name, mediaType, content }) => ({
      filename: name,
      contentType: mediaType,
      content: Buffer.from(content),
    })),
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'windows',
  })
    .compile()
    .build();
}

/** RFC 5321 §4.2.3 and RFC 3463 §3.2: replies that say that there is no such mailbox. */
const NO_MAILBOX = [550, 551, 553];
/** Likewise, that the message itself will never be taken. */
const NO_MESSAGE = [552, 554];

/** What a failure means. The words of the server are not kept: they may hold the address. */
function outcomeOf(error: unknown): MailOutcome {
  const { code, command, responseCode, response } = error as SMTPConnection.SMTPError;
  if (responseCode === undefined) return { result: 'later', reason: code ?? 'failed' };
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(response ?? '')?.[1];
  const reason = `SMTP ${responseCode}${status === undefined ? '' : ` ${status}`}`;
  return { result: isFinal(command, responseCode, status) ? 'refused' : 'later', reason };
}

/** Refused for good is an address that is wrong. What concerns us (log-in, sender, relaying: x.7.x) somebody can mend. */
function isFinal(command: string | undefined, code: number, status: string | undefined): boolean {
  if (status?.startsWith('5.7.') === true) return false;
  if (command === 'RCPT TO') return NO_MAILBOX.includes(code);
  return command === 'DATA' && NO_MESSAGE.includes(code);
}
