import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import {
  type Cdr,
  type Client,
  connect,
  connectAdmin,
  type DocumentInput,
  type Fax,
  fileDocument,
  type InboxFax,
  type LedgerEvent,
  type Receipt,
  type WebhookMessage,
} from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { readConfig } from '../config.ts';
import { type RunningGateway, startGateway } from '../gateway.ts';
import { type DemoOptions, DemoUsage } from './options.ts';
import { bar, type DemoView, duration } from './view.ts';
import { listenForWebhooks, type WebhookListener } from './webhook-listener.ts';

/** Numbers of the demo's account; both are its own, so the call rings through. */
const SENDER = '+15550190001';
const RECEIVER = '+15550190002';
/** Longest wait for anything after delivery: webhook, lease, wipe. */
const PATIENCE = 30_000;

/** Names of the receipts in the output directory. */
export const RECEIPT_FILES = { outbound: 'outbound-receipt.jws', inbound: 'inbound-receipt.jws' } as const;

/** What `--json` prints. */
export interface DemoResult {
  readonly outbound: { readonly fax: Fax; readonly cdr: Cdr; readonly receipt: Receipt };
  readonly inbound: {
    readonly fax: Fax;
    readonly cdr: Cdr;
    readonly receipt: Receipt;
    /** Absolute paths of PNG files, in order. */
    readonly pages: readonly string[];
    /** Absolute path. */
    readonly pdf: string;
  };
  readonly webhook: WebhookMessage;
}

/** Runs the whole way of one fax. Throws when any part of it did not happen. */
export async function runDemo(options: DemoOptions, view: DemoView): Promise<DemoResult> {
  const document = await chooseDocument(options);
  const dataDir = await mkdtemp(join(tmpdir(), 'sealfax-demo-'));
  const started = performance.now();
  let gateway: RunningGateway | undefined;
  let listener: WebhookListener | undefined;
  try {
    view.doing('gateway', 'starting PostgreSQL, vault, loopback network');
    gateway = await startGateway(demoConfig(dataDir, options));
    const { facts } = gateway;
    const ready = duration(performance.now() - started);
    view.line('gateway', `${gateway.url} · ready in ${ready}`);
    view.line('host', `${facts.database} · documents in ${facts.sandbox}`);
    listener = await listenForWebhooks();
    const client = await openAccount(gateway, listener, view);
    const result = await sendAndReceive(client, listener, document, options, view);
    await client.close();
    return result;
  } finally {
    view.doing('gateway', 'stopping');
    await listener?.close();
    await gateway?.stop();
    await rm(dataDir, { recursive: true, force: true });
    await rm(`${dataDir}-keys`, { recursive: true, force: true });
    view.end();
  }
}

interface ChosenDocument {
  readonly input: DocumentInput;
  readonly name: string;
}

async function chooseDocument(options: DemoOptions): Promise<ChosenDocument> {
  if (options.file === null) return { input: await sampleLetter(), name: 'sample letter' };
  const facts = await stat(options.file).catch(() => undefined);
  if (facts === undefined) throw new DemoUsage(`${options.file} does not exist`);
  if (!facts.isFile()) throw new DemoUsage(`${options.file} is not a file`);
  return { input: fileDocument(options.file), name: basename(options.file) };
}

function demoConfig(dataDir: string, options: DemoOptions) {
  return readConfig({
    SEALFAX_DATA_DIR: dataDir,
    SEALFAX_PORT: '0',
    SEALFAX_LOOPBACK_SPEED: options.speed,
    SEALFAX_WEBHOOK_PRIVATE: 'on',
    SEALFAX_LOG_LEVEL: 'error',
  });
}

/** As an administrator: account, numbers, API user. As that user: a sealed session and a webhook endpoint. */
async function openAccount(gateway: RunningGateway, listener: WebhookListener, view: DemoView): Promise<Client> {
  const { firstStart } = gateway;
  if (firstStart === null) throw new Error('the data directory of the demo is not new');
  const admin = connectAdmin(firstStart.admin.connection, firstStart.admin.password);
  const policy = {
    senderName: 'Sealfax demo',
    csid: SENDER,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  const account = await admin.createAccount({ name: 'demo', title: 'Demo clinic', policy });
  for (const number of [SENDER, RECEIVER]) await admin.addNumber(account.id, { number });
  const user = await admin.createUser(account.id, { name: 'app' });
  await admin.close();
  if (user.secret === null) throw new Error('no API secret was made');
  view.line('account', `demo, numbers ${SENDER} and ${RECEIVER}, API user app`);

  const opened = performance.now();
  const client = connect(gateway.connection('demo', 'app'), user.secret, { device: 'demo' });
  const session = await client.session();
  const pin = gateway.pin.slice(0, 12);
  const intercepted = `TLS intercepted: ${session.tlsIntercepted}`;
  view.line('session', `P-521, AES-256-GCM · pin ${pin}… · ${intercepted} · ${duration(performance.now() - opened)}`);
  const endpoint = await client.webhooks.create({ url: listener.url, types: ['fax.received'] });
  listener.trust({ secret: endpoint.secret, publicKey: await client.webhooks.publicKey() });
  return client;
}

async function sendAndReceive(
  client: Client,
  listener: WebhookListener,
  document: ChosenDocument,
  options: DemoOptions,
  view: DemoView,
): Promise<DemoResult> {
  const accepted = await client.faxes.send({ to: RECEIVER, from: SENDER, documents: [document.input] });
  view.line('accepted', `${document.name} as ${accepted.id}`);
  const sentAt = performance.now();
  const outbound = await client.faxes.wait(accepted.id, { onProgress: progressOf(view) });
  if (outbound.state !== 'delivered')
    throw new Error(`the fax ended as ${outbound.state}: ${outbound.cause ?? ''} ${outbound.detail ?? ''}`);
  view.line(
    'delivered',
    `${outbound.pagesConfirmed} of ${outbound.pages} pages in ${duration(performance.now() - sentAt)}`,
  );

  view.doing('webhook', 'waiting for fax.received');
  const webhook = await within(listener.received, 'the webhook');
  view.line('webhook', `${webhook.type} for ${webhook.data.fax} · signature verified`);
  const one = await within(leased(client), 'the received fax');
  if (one.fax.id !== webhook.data.fax) throw new Error('the webhook names another fax than the inbox');
  const files = await store(one, options.out);
  view.line(
    'received',
    `${one.fax.id} from ${one.fax.from ?? 'unknown'} · ${files.pages.length} page${files.pages.length === 1 ? '' : 's'} · PDF fetched`,
  );
  await one.acknowledge();

  view.doing('wiped', 'waiting for both receipts');
  const outgoing = await legOf(client, outbound.id);
  const incoming = await legOf(client, one.fax.id);
  view.line('wiped', 'both legs: key destroyed, blobs removed, absence verified, receipts signed');
  await writeFile(resolve(options.out, RECEIPT_FILES.outbound), `${outgoing.receipt.receipt}\n`);
  await writeFile(resolve(options.out, RECEIPT_FILES.inbound), `${incoming.receipt.receipt}\n`);
  return { outbound: outgoing, inbound: { ...incoming, ...files }, webhook };
}

/** Tells each page's way, from the account's own events. */
function progressOf(
  view: DemoView,
): (progress: {
  readonly phase: string;
  readonly event?: LedgerEvent;
  readonly pages?: number | null;
  readonly pagesConfirmed?: number;
}) => void {
  let pageSince = performance.now();
  return ({ event, pages = null, pagesConfirmed = 0 }) => {
    if (event === undefined) return;
    const total = pages ?? 0;
    if (event.type === 'fax.queued') view.line('rendered', `${total} ${total === 1 ? 'page' : 'pages'}`);
    if (event.type === 'fax.dialing') view.doing('dialing', RECEIVER);
    if (event.type === 'fax.retry') view.line('retry', `calling again: ${String(event.data.cause)}`);
    if (event.type === 'fax.sending') pageSince = performance.now();
    if (event.type === 'fax.page') {
      const line = lineText(event.data.line);
      view.line(
        'page',
        `${bar(pagesConfirmed, total)} ${pagesConfirmed}/${total} confirmed after ${duration(performance.now() - pageSince)}${line}`,
      );
      pageSince = performance.now();
    }
    if ((event.type === 'fax.sending' || event.type === 'fax.page') && pagesConfirmed < total) {
      view.doing('sending', `${bar(pagesConfirmed, total)} page ${pagesConfirmed + 1} of ${total} is on the line`);
    }
  };
}

function lineText(line: unknown): string {
  if (typeof line !== 'object' || line === null) return '';
  const { rate, modulation, ecm } = line as { rate?: unknown; modulation?: unknown; ecm?: unknown };
  if (typeof rate !== 'number') return '';
  return ` · ${rate} bit/s ${String(modulation ?? '')}${ecm === true ? ' ECM' : ''}`;
}

async function leased(client: Client): Promise<InboxFax> {
  for (;;) {
    const one = await client.inbox.next();
    if (one !== null) return one;
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** Puts PDF and pages into `out`, made when missing. */
async function store(one: InboxFax, out: string): Promise<{ pages: string[]; pdf: string }> {
  const directory = resolve(out);
  await mkdir(directory, { recursive: true });
  const parts: Uint8Array[] = [];
  for await (const chunk of one.document('pdf')) parts.push(chunk.slice());
  const pdf = join(directory, 'received.pdf');
  await writeFile(pdf, Buffer.concat(parts));
  const pages: string[] = [];
  for (const page of await one.pages()) {
    const file = join(directory, `page-${page.number}.png`);
    await writeFile(file, await one.page(page.number));
    pages.push(file);
  }
  if (pages.length === 0) throw new Error('the received fax has no pages');
  return { pages, pdf };
}

/** Fax, CDR and wipe receipt of one leg, once it has been wiped. */
async function legOf(client: Client, id: string): Promise<{ fax: Fax; cdr: Cdr; receipt: Receipt }> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const fax = await client.faxes.get(id);
    const cdr = (await client.cdrs.list({ fax: id })).items[0];
    if (cdr !== undefined && cdr.receipt !== null) return { fax, cdr, receipt: await client.faxes.receipt(id) };
    if (performance.now() > deadline) throw new Error(`${id} was not wiped in time`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} did not come within ${PATIENCE / 1_000} s`)), PATIENCE);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}
