import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as a server got it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it was sent. */
  readonly raw: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** A real SMTP server on loopback. */
export interface PostOffice {
  readonly port: number;
  readonly taken: TakenMail[];
  /** Resolves when so many mails have come of which `wanted` is true. */
  arrived(count: number, wanted: (mail: TakenMail) => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one that takes everything, unless `options` say otherwise. */
export async function openPostOffice(options: SMTPServerOptions = {}): Promise<PostOffice> {
  const taken: TakenMail[] = [];
  const looks = new Set<() => void>();
  const arrived: PostOffice['arrived'] = (count, wanted) =>
    new Promise((resolve) => {
      const look = () => {
        if (taken.filter(wanted).length < count) return;
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      look();
    });
  const server = new SMTPServer({
    authOptional: true,
    closeTimeout: 50,
    onData(stream, { envelope, secure, user }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const to = rcptTo.map(({ address }) => address);
        taken.push({ from, to, raw: Buffer.concat(chunks).toString('utf8'), secure, user: user as string | undefined });
        done();
        for (const look of looks) look();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return { port, taken, arrived, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** A header of a raw mail, unfolded. */
export function headerOf(raw: string, name: string): string | undefined {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim();
}

/** The text of a raw mail, whatever it is wrapped in. */
export function textOf(raw: string): string {
  const part = /content-type: text\/plain[\s\S]*?\r\n\r\n([\s\S]*?)(\r\n----|$)/i.exec(raw)?.[1] ?? '';
  return part
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
