import {
  checkTrunk,
  type Finding,
  hostSurroundings,
  type TrunkReport,
} from '../../carrier-adapters/sip-t38/check/index.ts';
import type { SipT38Config, TrunkConfig } from '../../carrier-adapters/sip-t38/config.ts';
import { FaxError } from '../../gateway/fax/errors.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import { type Config, ConfigError, readConfig, SETTINGS } from '../config.ts';
import { carrierConfigs } from '../lines.ts';
import { systemClock } from '../system-clock.ts';
import type { Arguments, Command, Option } from './command.ts';
import type { Context } from './context.ts';
import { CliError, type ExitName } from './exit-status.ts';
import { clean, columns } from './text.ts';
import { trunkAdd } from './trunk-add.ts';

const CARRIERS: Option = {
  type: 'string',
  value: 'FILE',
  about: `file with the carriers, in place of ${SETTINGS.carriers.variable}`,
};

/** A trunk with the carrier that it belongs to. */
interface Configured {
  readonly config: SipT38Config;
  readonly trunk: TrunkConfig;
}

/** `sealfax trunk …`: on the host of the gateway, from its settings alone, whether it runs or not. */
export const trunkCommands: Readonly<Record<string, Command>> = {
  'trunk list': {
    summary: 'the SIP trunks of the settings; never their passwords',
    usage: '[--carriers FILE]',
    words: [0, 0],
    options: { carriers: CARRIERS },
    run: (context, args) =>
      plainly(async () => {
        const all = trunksOf(args);
        if (context.json) for (const one of all) context.show(shownTrunk(one), '');
        else
          context.io.out(
            `${columns(['trunk', 'server', 'transport', 'known by', 'listens on', 'media', 'seen as'], all.map(trunkRow))}\n`,
          );
        return 'ok';
      }),
  },
  'trunk check': {
    summary: 'does a SIP trunk work? Name, connection, OPTIONS, REGISTER, NAT, T.38, ports; calls nobody',
    usage: '[TRUNK] [--to NUMBER | --probe] [--no-register] [--carriers FILE]',
    words: [0, 1],
    options: {
      to: {
        type: 'string',
        value: 'NUMBER',
        about: 'call this fax machine of yours, agree on T.38, train, hang up; no page is sent',
      },
      probe: { type: 'boolean', about: 'call an address that is no telephone number, to see whether calls are taken' },
      'no-register': { type: 'boolean', about: 'do not register, only ask: the gateway runs on another host' },
      carriers: CARRIERS,
    },
    more: [
      'TRUNK is a name of `sealfax trunk list`, also as CARRIER/TRUNK; all when left out. The check uses sockets of its own, so it may',
      'be run before the gateway is started and while it runs. Where the gateway runs on this host, the registrar is only asked for',
      'its bindings. Only an answered call shows whether a trunk carries T.38: --to makes one. Exit status 27 says that there is a fault.',
    ].join('\n'),
    run: (context, args) => plainly(() => check(context, args)),
  },
  'trunk add': trunkAdd,
};

async function check(context: Context, args: Arguments): Promise<ExitName> {
  const [name] = args.words;
  const all = trunksOf(args).filter((one) => name === undefined || isNamed(one, name));
  if (all.length === 0)
    throw new CliError(
      'not_found',
      name === undefined
        ? 'no SIP trunk is configured; `sealfax trunk add` makes one'
        : `there is no trunk ${clean(name)}; see \`sealfax trunk list\``,
    );
  const to = args.text('to');
  if (to !== undefined && all.length > 1) throw new CliError('usage', 'name the one trunk to call over');
  const reports: TrunkReport[] = [];
  for (const one of all) {
    if (context.signal.aborted) return 'interrupted';
    if (!context.json) context.io.out(`${headOf(one)}\n`);
    const order = {
      ...one,
      to: to === undefined ? null : numberOf(to),
      probe: args.flag('probe'),
      register: !args.flag('no-register'),
      signal: context.signal,
    };
    const found = (finding: Finding) => context.json || context.io.out(`${findingText(finding)}\n`);
    const report = await checkTrunk(order, { ...hostSurroundings(one.config, systemClock), found });
    if (context.json) context.show(report, '');
    reports.push(report);
  }
  if (context.signal.aborted) return 'interrupted';
  return reports.some(({ severity }) => severity === 'fault') ? 'trunk_fault' : 'ok';
}

/** The configured trunks. @throws ConfigError */
function trunksOf(args: Arguments): Configured[] {
  const file = args.text('carriers');
  const settings: Config = readConfig();
  const configs = carrierConfigs(
    file === undefined ? settings : { ...settings, carriers: `@${file}`, loopback: false },
  );
  return configs.flatMap((config) =>
    config.kind === 'sip-t38' ? config.trunks.map((trunk) => ({ config, trunk })) : [],
  );
}

function isNamed({ config, trunk }: Configured, name: string): boolean {
  return name === trunk.name || name === `${config.name}/${trunk.name}`;
}

/** @throws CliError usage */
function numberOf(text: string): string {
  try {
    return parseE164(text);
  } catch (error) {
    if (error instanceof FaxError) throw new CliError('usage', '--to is a number in E.164, with + and country code');
    throw error;
  }
}

function headOf({ config, trunk }: Configured): string {
  return `${config.name}/${trunk.name}: ${hostText(trunk.outboundProxy ?? trunk.server)} over ${trunk.transport}, ${knownBy(trunk)}`;
}

function findingText({ severity, topic, text, advice }: Finding): string {
  const first = `  ${severity.padEnd(8)} ${topic.padEnd(11)} ${clean(text)}`;
  return advice === null ? first : `${first}\n${' '.repeat(23)}→ ${clean(advice)}`;
}

function trunkRow(one: Configured): string[] {
  const { trunk, server, transport, knownBy: by, listen, media, publicAddress } = shownTrunk(one);
  return [trunk, server, transport, by, listen.join(', '), media, publicAddress ?? 'its own address'];
}

/** A trunk without its secrets. */
function shownTrunk({ config, trunk }: Configured) {
  const { media } = config;
  return {
    trunk: `${config.name}/${trunk.name}`,
    server: hostText(trunk.server),
    outboundProxy: trunk.outboundProxy === null ? null : hostText(trunk.outboundProxy),
    transport: trunk.transport,
    knownBy: knownBy(trunk),
    numberFormat: trunk.numberFormat,
    peers: trunk.peers,
    listen: config.listen.map(({ transport, address, port }) => `${transport} ${address}:${port}`),
    media: media.ports[1] === 0 ? 'any port' : `${media.ports[0]}–${media.ports[1]}`,
    publicAddress: config.publicAddress,
  };
}

function knownBy({ register, username }: TrunkConfig): string {
  if (register !== false) return 'registration';
  return username === undefined ? 'address' : 'user name';
}

function hostText({ host, port }: TrunkConfig['server']): string {
  const written = host.includes(':') ? `[${host}]` : host;
  return port === null ? written : `${written}:${port}`;
}

/** `work`, with wrong settings as the command line tells them. @throws CliError usage */
async function plainly(work: () => Promise<ExitName>): Promise<ExitName> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError('usage', error.message);
    throw error;
  }
}
