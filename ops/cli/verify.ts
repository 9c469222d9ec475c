import { readFileSync } from 'node:fs';
import { verifyCertifiedReceipt, verifyReceipt, verifyWebhook, type WebhookKeys } from '../../api/client/index.ts';
import { type P521Jwk, parseConnectionString } from '../../crypto/client.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError, type ExitName } from './exit-status.ts';
import { pairs } from './text.ts';
import { verifyAuditFile } from './verify-audit.ts';
import { pinsOfStatement, verifyStatementFile } from './verify-statement.ts';

/** `sealfax verify`. */
export const verify: Command = {
  summary: 'check a wipe receipt, an audit log, a statement of keys or a webhook, off-line',
  usage:
    'receipt|audit|statement FILE [--pin PIN | --statement FILE | --key FILE] | webhook FILE --id … --timestamp … --signature …',
  words: [2, 2],
  options: {
    pin: {
      type: 'string',
      value: 'PIN',
      about: 'receipt, audit, statement: pin of the gateway; that of SEALFAX_CONNECTION when left out',
    },
    statement: {
      type: 'string',
      value: 'FILE',
      about: 'receipt, audit: statement of keys; roots of earlier times are known by it',
    },
    key: {
      type: 'string',
      value: 'FILE',
      about: "receipt: the gateway's receipt key (PEM, JWK or SPKI), instead of a pin",
    },
    id: { type: 'string', value: 'TEXT', about: 'webhook: header webhook-id' },
    timestamp: { type: 'string', value: 'TEXT', about: 'webhook: header webhook-timestamp' },
    signature: { type: 'string', value: 'TEXT', about: 'webhook: header webhook-signature' },
    'secret-file': { type: 'string', value: 'FILE', about: 'webhook: file with the whsec_… of the endpoint' },
    'public-key': { type: 'string', value: 'whpk_…', about: 'webhook: the key of the gateway, instead of the secret' },
    'any-age': { type: 'boolean', about: 'webhook: accept one that is older than five minutes' },
  },
  more: 'FILE is "-" for standard input. A receipt is a compact JWS, or the JSON that `sealfax receipt` writes.',
  async run(context, args) {
    const [kind, file = ''] = args.words;
    if (kind === 'audit') return verifyAuditFile(context, file, await pinsOf(context, args));
    const bytes = file === '-' ? await context.io.input() : readFileSync(file);
    if (kind === 'receipt') return verifyReceiptFile(context, args, bytes);
    if (kind === 'statement') return verifyStatementFile(context, bytes, givenPins(context, args));
    if (kind === 'webhook') return verifyWebhookFile(context, args, bytes);
    throw new CliError('usage', 'verify receipt FILE, audit FILE, statement FILE, or webhook FILE');
  },
};

async function verifyReceiptFile(context: Context, args: Arguments, bytes: Uint8Array): Promise<ExitName> {
  const { receipt, epochReceipt, carrierReceipts } = receiptsOf(new TextDecoder().decode(bytes));
  const judge = await judgeOf(context, args);
  const first = await judge(receipt);
  if (first.claims.method === CARRIER_PURGE) return showPurgeReceipt(context, first);
  const second = epochReceipt === null ? null : await judge(epochReceipt);
  const further: Claims[] = [];
  for (const jws of carrierReceipts) further.push((await judge(jws)).claims);
  const complaint = complaintAbout(first.claims, second?.claims ?? null) ?? complaintAboutPurges(first.claims, further);
  if (complaint !== null) throw new CliError('not_valid', complaint);
  const { signedBy } = first;
  const epoch = second?.claims ?? null;
  context.show(
    { valid: true, signedBy, receipt: first.claims, epochReceipt: epoch, carrierReceipts: further },
    receiptText(first, epoch, further),
  );
  return 'ok';
}

/** `method` of a further receipt, of one carrier's copy. */
const CARRIER_PURGE = 'carrier-purge';

/** A further receipt by itself: there is nothing to hold it against. */
function showPurgeReceipt(context: Context, { claims, signedBy }: Judged): ExitName {
  const complaint = complaintAboutPurges({ fax: claims.fax }, [claims]);
  if (complaint !== null) throw new CliError('not_valid', complaint);
  const { fax, carrier, call, outcome, at, detail } = claims;
  const facts = { signature: 'genuine', 'signed by': signedBy, fax, call, carrier, copy: outcome, at, detail };
  context.show({ valid: true, signedBy, carrierReceipt: claims }, pairs(facts));
  return 'ok';
}

/** What a genuine receipt says, and whom the signature was traced to. */
interface Judged {
  readonly claims: Claims;
  readonly signedBy: string;
}

/** Verifies by the key in a file, or by the root's statement in the receipt and the pins that are known. */
async function judgeOf(context: Context, args: Arguments): Promise<(jws: string) => Promise<Judged>> {
  const keyFile = args.text('key');
  if (keyFile !== undefined) {
    const key = publicKeyOf(readFileSync(keyFile, 'utf8'));
    return async (jws) => ({ claims: await verifyReceipt(jws, key), signedBy: 'the key given' });
  }
  const pins = await pinsOf(context, args);
  return async (jws) => {
    const { claims, pin: root } = await verifyCertifiedReceipt(jws);
    if (pins.length > 0 && !pins.includes(root))
      throw new CliError('not_valid', `another gateway signed this: its pin is ${root}`);
    const known = pins.length > 0 ? 'as expected' : 'compare it with the pin in your connection string';
    return { claims, signedBy: `the gateway with pin ${root} (${known})` };
  };
}

/** The roots that may have signed: those of the statement that was given, or the pins. */
async function pinsOf(context: Context, args: Arguments): Promise<readonly string[]> {
  const statement = args.text('statement');
  const pins = givenPins(context, args);
  return statement === undefined ? pins : pinsOfStatement(statement, pins);
}

/** The pin that was given, or those that are known. */
function givenPins(context: Context, args: Arguments): readonly string[] {
  const pin = args.text('pin');
  return pin === undefined ? knownPins(context) : [pin];
}

/** Pins of the connection string in the environment; none when there is no (readable) one. */
function knownPins(context: Context): readonly string[] {
  try {
    return context.connection === undefined ? [] : parseConnectionString(context.connection).pins;
  } catch {
    return [];
  }
}

type Claims = Readonly<Record<string, unknown>>;

/** What a genuine signature does not say: whether the claims are those of a finished wipe, and fit together. */
function complaintAbout(wiped: Claims, epoch: Claims | null): string | null {
  const checks = typeof wiped.checks === 'object' && wiped.checks !== null ? Object.values(wiped.checks) : [];
  if (typeof wiped.fax !== 'string' || typeof wiped.wipedAt !== 'string') return 'this is not a wipe receipt';
  if (checks.length === 0 || !checks.every((one) => one === true)) return 'the receipt says that a check failed';
  if (epoch === null) return null;
  if (epoch.epoch !== wiped.epoch) return 'the second receipt is of another key epoch';
  const before = Date.parse(String(epoch.destroyedAt)) < Date.parse(wiped.wipedAt);
  return before ? 'the key epoch was destroyed before the wipe' : null;
}

/** Whether the further receipts are such, and of this fax. */
function complaintAboutPurges(wiped: Claims, further: readonly Claims[]): string | null {
  for (const { method, fax, call, carrier, outcome, at } of further) {
    const whole = [call, carrier, at].every((text) => typeof text === 'string');
    const known = outcome === 'purged' || outcome === 'none' || outcome === 'kept';
    if (method !== CARRIER_PURGE || !whole || !known) return 'this is not a receipt of a carrier’s copy';
    if (fax !== wiped.fax) return 'a further receipt is of another fax';
  }
  return null;
}

/** What became of each copy at a carrier: the first receipt, and of later ones the latest. */
function copiesOf(wiped: Claims, further: readonly Claims[]): string | null {
  const copies = new Map<unknown, Claims>();
  const first: readonly Claims[] = Array.isArray(wiped.carriers) ? wiped.carriers : [];
  for (const copy of [...first, ...further]) {
    const before = copies.get(copy.call);
    if (before === undefined || Date.parse(String(copy.at)) >= (Date.parse(String(before.at)) || 0)) {
      copies.set(copy.call, copy);
    }
  }
  const words = [...copies.values()].map(({ carrier, outcome, at }) =>
    at === null ? `${carrier}: ${outcome}` : `${carrier}: ${outcome} ${at}`,
  );
  return words.length === 0 ? null : words.join('; ');
}

function receiptText({ claims: wiped, signedBy }: Judged, epoch: Claims | null, further: readonly Claims[]): string {
  const objects = Array.isArray(wiped.objects) ? wiped.objects.length : 0;
  return pairs({
    signature: 'genuine',
    'signed by': signedBy,
    fax: wiped.fax,
    wiped: wiped.wipedAt,
    method: wiped.method,
    objects: `${objects}, ${wiped.bytes} bytes of ciphertext`,
    'key epoch': wiped.epoch,
    'epoch key': epoch === null ? 'not known to be destroyed yet' : `destroyed ${epoch.destroyedAt}`,
    'copies at carriers': copiesOf(wiped, further),
  });
}

/** Receipts as `sealfax receipt` writes them; older releases wrote no `carrierReceipts`. */
interface ReceiptTexts {
  readonly receipt: string;
  readonly epochReceipt: string | null;
  readonly carrierReceipts: readonly string[];
}

function receiptsOf(text: string): ReceiptTexts {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return { receipt: trimmed, epochReceipt: null, carrierReceipts: [] };
  const value = jsonOf(trimmed);
  const receipt = value.receipt;
  if (typeof receipt !== 'string') throw new CliError('usage', 'the file holds no receipt');
  const further: readonly unknown[] = Array.isArray(value.carrierReceipts) ? value.carrierReceipts : [];
  if (!further.every((jws) => typeof jws === 'string')) throw new CliError('usage', 'the file holds no receipts');
  const epochReceipt = typeof value.epochReceipt === 'string' ? value.epochReceipt : null;
  return { receipt, epochReceipt, carrierReceipts: further };
}

/** A P-521 public key as people keep one. @throws CliError usage */
function publicKeyOf(text: string): Uint8Array | P521Jwk {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) return jsonOf(trimmed) as unknown as P521Jwk;
  const pem = /^-----BEGIN PUBLIC KEY-----([^-]+)-----END PUBLIC KEY-----$/.exec(trimmed);
  const body = (pem?.[1] ?? trimmed).replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/_=-]{200,300}$/.test(body))
    throw new CliError('usage', 'not a P-521 public key (PEM, JWK or SPKI)');
  return new Uint8Array(Buffer.from(body, pem === null ? 'base64url' : 'base64'));
}

function jsonOf(text: string): Claims {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Falls through to the same answer as JSON of another kind.
  }
  throw new CliError('usage', 'the file is not the JSON that was expected');
}

async function verifyWebhookFile(context: Context, args: Arguments, body: Uint8Array): Promise<ExitName> {
  const headers = {
    'webhook-id': args.text('id'),
    'webhook-timestamp': args.text('timestamp'),
    'webhook-signature': args.text('signature'),
  };
  const message = await verifyWebhook(body, headers, webhookKeys(args));
  context.show(
    { valid: true, ...message },
    pairs({ signature: 'genuine', type: message.type, sent: message.timestamp }),
  );
  return 'ok';
}

function webhookKeys(args: Arguments): WebhookKeys {
  const secretFile = args.text('secret-file');
  const publicKey = args.text('public-key');
  if (secretFile === undefined && publicKey === undefined) {
    throw new CliError('usage', 'by which key? Give --secret-file FILE or --public-key whpk_…');
  }
  const now = args.flag('any-age') ? { now: Number(args.text('timestamp') ?? 0) * 1_000 } : {};
  const secret = secretFile === undefined ? {} : { secret: readFileSync(secretFile, 'utf8').trim() };
  return { ...now, ...secret, ...(publicKey === undefined ? {} : { publicKey }) };
}
