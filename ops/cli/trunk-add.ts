import { resolve } from 'node:path';
import { ConfigError, SETTINGS } from '../config.ts';
import { newCarriers, readCarrierFile, replaceCarrierFile, withTrunk, writeCarrierFile } from './carrier-file.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError, type ExitName } from './exit-status.ts';
import { clean } from './text.ts';
import { draftTrunk, type TrunkDraft } from './trunk-draft.ts';

/** `sealfax trunk add`. */
export const trunkAdd: Command = {
  summary: 'settings for a SIP trunk: asks, or takes options; prints them or writes a file',
  usage: '[--server HOST …] [--write FILE | --into FILE]',
  words: [0, 0],
  options: {
    server: {
      type: 'string',
      value: 'HOST',
      about: 'host or host:port of the provider; a person is asked when it is left out',
    },
    transport: { type: 'string', value: 'WORD', about: 'udp (as usual), tcp or tls' },
    by: {
      type: 'string',
      value: 'WORD',
      about: 'how the provider knows us: registration, address, or user-name alone',
    },
    username: { type: 'string', value: 'NAME', about: 'what a challenge is answered with' },
    'password-file': { type: 'string', value: 'FILE', about: 'file with the password; else it is asked for' },
    name: { type: 'string', value: 'NAME', about: 'of the trunk: a–z, 0–9 and hyphen' },
    carrier: { type: 'string', value: 'NAME', about: 'carrier that it belongs to, for routes; sip when left out' },
    'public-address': { type: 'string', value: 'IP', about: 'what the world sees in place of our address, behind NAT' },
    'media-ports': { type: 'string', value: 'A-B', about: 'UDP ports of media; 40000-40999 when left out' },
    'station-id': { type: 'string', value: 'TEXT', about: 'what the far machine shows: up to 20 digits, + and spaces' },
    user: { type: 'string', value: 'NAME', about: 'who we are to the provider, if that is not the user name' },
    'from-domain': { type: 'string', value: 'HOST', about: 'host of our own address, if that is not the server' },
    number: {
      type: 'string',
      value: '+NUMBER',
      about: 'our number, where the provider calls the user of our Contact instead',
    },
    'number-format': { type: 'string', value: 'WORD', about: 'plus (+4930…), digits (4930…) or double_zero (004930…)' },
    'caller-id': {
      type: 'string',
      value: 'WORD',
      about: 'where the calling number is told: from, identity, both, none',
    },
    'inbound-prefix': { type: 'string', value: '+49', about: 'put before called numbers that come without + or 00' },
    peer: {
      type: 'string',
      multiple: true,
      value: 'CIDR',
      about: 'further addresses that calls come from; may be repeated',
    },
    write: { type: 'string', value: 'FILE', about: 'a new file for the settings (mode 0600); it must not exist' },
    into: { type: 'string', value: 'FILE', about: 'add it to this file of carriers; the rest of it stays' },
    replace: {
      type: 'boolean',
      about: 'with --into: a trunk of the same name, or other settings around it, are replaced',
    },
  },
  more: `The settings go into ${SETTINGS.carriers.variable}. A password is never taken from the command line, which every user of the host can read.`,
  async run(context, args) {
    try {
      return await add(context, args);
    } catch (error) {
      if (error instanceof ConfigError) throw new CliError('usage', error.message);
      throw error;
    }
  },
};

async function add(context: Context, args: Arguments): Promise<ExitName> {
  const [write, into] = [args.text('write'), args.text('into')];
  if (write !== undefined && into !== undefined) throw new CliError('usage', '--write or --into, not both');
  const draft = await draftTrunk(args, context.io, (write ?? into) !== undefined);
  if (write !== undefined) await writeCarrierFile(write, newCarriers(draft));
  else if (into !== undefined) {
    await replaceCarrierFile(into, withTrunk(await readCarrierFile(into), draft, args.flag('replace')));
  } else context.io.out(`${JSON.stringify(newCarriers(draft), null, 2)}\n`);
  const file = write ?? into;
  if (file !== undefined) told(context, draft, resolve(file));
  return 'ok';
}

function told(context: Context, { carrier, trunk }: TrunkDraft, file: string): void {
  const name = `${carrier}/${trunk.name}`;
  const path = clean(file);
  context.show(
    { trunk: name, file },
    `${path} has the trunk ${name}.\nCheck it:  sealfax trunk check ${name} --carriers ${path}\nUse it:    ${SETTINGS.carriers.variable}=@${path}`,
  );
}
