import { readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type InboxFax, importRecipientKey, type SealedPage, writeTiff } from '../../api/client/index.ts';
import type { Command } from './command.ts';
import { CliError } from './exit-status.ts';

/** `sealfax receive`. */
export const receive: Command = {
  summary: 'fetch received faxes into files and acknowledge them',
  usage: '[--out DIR]',
  words: [0, 0],
  options: {
    out: { type: 'string', short: 'o', value: 'DIR', about: 'where the files go; this folder when left out' },
    format: { type: 'string', value: 'pdf|tiff', about: 'pdf when left out; sealed faxes are always TIFF' },
    key: { type: 'string', value: 'FILE', about: 'private key (PEM) that opens sealed faxes' },
    follow: { type: 'boolean', short: 'f', about: 'wait for further faxes until interrupted' },
    keep: { type: 'boolean', about: 'do not acknowledge: the gateway keeps the fax and offers it again' },
  },
  more: 'A fax is acknowledged, and wiped by the gateway, only after its file is safe on disk.',
  async run(context, args) {
    const out = args.text('out') ?? '.';
    const format = args.choice('format', ['pdf', 'tiff']) ?? 'pdf';
    const key = args.text('key');
    const { inbox } = await context.client();
    await mkdir(out, { recursive: true });

    async function take(one: InboxFax): Promise<void> {
      const sealed = one.fax.sealedKey !== null;
      const extension = sealed || format === 'tiff' ? 'tif' : 'pdf';
      const path = join(out, `${one.fax.id}.${extension}`);
      await store(path, sealed ? opened(one, key) : one.document(format));
      if (!args.flag('keep')) await one.acknowledge();
      const { id, from, pages } = one.fax;
      context.show({ fax: id, from, pages, file: path }, `${path}  from ${from ?? 'unknown'}, ${pages ?? '?'} pages`);
    }

    if (args.flag('follow')) {
      for await (const one of inbox.watch({ signal: context.signal })) await take(one);
      return 'interrupted';
    }
    // Without an acknowledgement the same fax would be offered again after its lease: once around is enough.
    for (let one = await inbox.next(); one !== null; one = await inbox.next()) {
      await take(one);
      if (context.signal.aborted) return 'interrupted';
    }
    return 'ok';
  },
};

/** Durable before it returns: written beside, synced, renamed, the folder synced. */
async function store(path: string, source: AsyncIterable<Uint8Array>): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    for await (const chunk of source) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  const folder = await open(join(path, '..'), 'r');
  await folder.sync().finally(() => folder.close());
}

async function* opened(one: InboxFax, keyFile: string | undefined): AsyncGenerator<Uint8Array> {
  if (keyFile === undefined)
    throw new CliError('usage', `${one.fax.id} is sealed to the account's key: give --key FILE`);
  const pem = readFileSync(keyFile);
  const key = await importRecipientKey(pem).finally(() => pem.fill(0));
  const pages: SealedPage[] = [];
  for await (const page of one.sealedPages(key)) pages.push(page);
  yield writeTiff(pages);
}
