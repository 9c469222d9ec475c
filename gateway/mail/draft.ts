import { openSmall, randomId, sealSmall } from '../../crypto/index.ts';
import { newId } from '../fax/ids.ts';
import type { MailKind } from '../fax/notice.ts';
import type { NewMail } from '../ports/mail-records.ts';
import type { Letter, MailAttachment } from '../ports/mailer.ts';
import type { Recipient } from './readers.ts';

/** One mail for each address, sealed under the gateway's key and bound to its id. */
export function draftsOf(
  { sealKey, now }: { readonly sealKey: Uint8Array; readonly now: number },
  letter: Letter,
  kind: MailKind,
  recipients: readonly Recipient[],
): Promise<NewMail[]> {
  const each = new Map(recipients.map((one) => [one.to, one]));
  return Promise.all(
    [...each.values()].map(async ({ to, account }) => {
      const id = newId('mail', (prefix) => randomId(prefix, now));
      return { id, kind, to, account, sealed: await sealLetter(sealKey, id, letter) };
    }),
  );
}

const context = (id: string) => `mail ${id}`;

/** How an attachment is kept: its octets in base64. */
type StoredAttachment = Omit<MailAttachment, 'content'> & { readonly content: string };

function sealLetter(key: Uint8Array, id: string, { subject, text, attachments = [] }: Letter): Promise<Uint8Array> {
  const stored = attachments.map(({ content, ...rest }) => ({
    ...rest,
    content: Buffer.from(content).toString('base64'),
  }));
  return sealSmall(key, context(id), new TextEncoder().encode(JSON.stringify({ subject, text, attachments: stored })));
}

/** The letter of a row. @throws SealError `wrap` when the row is another mail's, or the key another one */
export async function openLetter(key: Uint8Array, id: string, sealed: Uint8Array): Promise<Letter> {
  const bytes = await openSmall(key, context(id), sealed);
  const { subject, text, attachments } = JSON.parse(new TextDecoder().decode(bytes)) as Omit<Letter, 'attachments'> & {
    readonly attachments: readonly StoredAttachment[];
  };
  bytes.fill(0);
  const opened = attachments.map(({ content, ...rest }) => ({ ...rest, content: Buffer.from(content, 'base64') }));
  return { subject, text, attachments: opened };
}
