import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { carrierConfigsSchema } from '../../carrier-adapters/registry.ts';
import { readCarriers } from '../carrier-settings.ts';
import { CliError } from './exit-status.ts';
import type { TrunkDraft } from './trunk-draft.ts';

type Written = Readonly<Record<string, unknown>>;

/** Only the owner reads a file of carriers: there may be passwords in it. */
const MODE = 0o600;
/** Largest file that is taken for one, bytes. */
const LARGEST = 1_048_576;

/** What SEALFAX_CARRIERS has when it has only this trunk. @throws CliError usage when it is not valid */
export function newCarriers(draft: TrunkDraft): Written[] {
  return checked([carrierOf(draft)]);
}

/** The carriers of a file with one trunk more; everything else of it stays. @throws CliError */
export function withTrunk(carriers: readonly Written[], draft: TrunkDraft, replace: boolean): Written[] {
  const at = carriers.findIndex(({ kind, name }) => kind === 'sip-t38' && name === draft.carrier);
  const carrier = carriers[at];
  if (carrier === undefined) return checked([...carriers, carrierOf(draft)]);
  return checked(carriers.with(at, joined(carrier, draft, replace)));
}

/** The carriers that a file names, as they are written. @throws CliError usage */
export async function readCarrierFile(path: string): Promise<Written[]> {
  const known = await stat(path).catch(() => null);
  if (known === null || !known.isFile() || known.size > LARGEST)
    throw new CliError('usage', `${path} is no file of carriers`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new CliError('usage', `${path} is not JSON`);
  }
  if (!Array.isArray(value) || !value.every(isWritten))
    throw new CliError('usage', `${path} is no JSON array of carriers`);
  return value;
}

/** Writes a new file. @throws CliError conflict when it exists */
export async function writeCarrierFile(path: string, carriers: readonly Written[]): Promise<void> {
  try {
    await write(path, carriers);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new CliError('conflict', `${path} exists; --into adds the trunk to it and keeps the rest`);
  }
}

/** Puts new contents in the place of a file, whole or not at all. */
export async function replaceCarrierFile(path: string, carriers: readonly Written[]): Promise<void> {
  const part = `${resolve(path)}.new`;
  try {
    await write(part, carriers);
    await rename(part, path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new CliError('conflict', `${part} exists: somebody else is writing, or did not end; remove it`);
    }
    await rm(part, { force: true });
    throw error;
  }
}

async function write(path: string, carriers: readonly Written[]): Promise<void> {
  const file = await open(path, 'wx', MODE);
  try {
    await file.writeFile(`${JSON.stringify(carriers, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

function carrierOf({ carrier, around, trunk }: TrunkDraft): Written {
  const listen = trunk.transport === 'udp' ? {} : { listen: [listenOf(trunk.transport)] };
  return { kind: 'sip-t38', name: carrier, ...around, ...listen, trunks: [trunk] };
}

function joined(carrier: Written, { around, trunk }: TrunkDraft, replace: boolean): Written {
  const trunks = Array.isArray(carrier.trunks) ? carrier.trunks.filter(isWritten) : [];
  const at = trunks.findIndex(({ name }) => name === trunk.name);
  if (at >= 0 && !replace) {
    throw new CliError('conflict', `the carrier has a trunk ${trunk.name}; give another --name, or --replace it`);
  }
  const other = Object.keys(around).find((key) => Object.hasOwn(carrier, key) && !same(carrier[key], around[key]));
  if (other !== undefined && !replace) {
    throw new CliError(
      'conflict',
      `the carrier has another ${other}, which is of all its trunks; --replace changes it, or give a new --carrier`,
    );
  }
  const listen = isWrittenList(carrier.listen) ? carrier.listen : [listenOf('udp')];
  const heard = listen.some((one) => (one.transport ?? 'udp') === trunk.transport);
  return {
    ...carrier,
    ...around,
    ...(heard ? {} : { listen: [...listen, listenOf(trunk.transport)] }),
    trunks: at < 0 ? [...trunks, trunk] : trunks.with(at, trunk),
  };
}

function listenOf(transport: string): Written {
  return { transport, address: '0.0.0.0', port: transport === 'tls' ? 5_061 : 5_060 };
}

/** As the gateway will read them: files that they name must be there. */
function checked(carriers: Written[]): Written[] {
  const result = carrierConfigsSchema.safeParse(readCarriers(JSON.stringify(carriers)));
  if (result.success) return carriers;
  const [issue] = result.error.issues;
  throw new CliError('usage', `wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWrittenList(value: unknown): value is readonly Written[] {
  return Array.isArray(value) && value.every(isWritten);
}
