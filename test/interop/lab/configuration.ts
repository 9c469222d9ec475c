import { chmod, cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HERE, type LabLayout } from './layout.ts';

/** Accounts of the carrier: T.38 or not, UDPTL error correction, codecs; the password is `NAME-secret`. */
const ACCOUNTS = [
  { name: 'gw', t38: 'yes', correction: 'redundancy', codecs: 'ulaw,alaw' },
  { name: 'gwfec', t38: 'yes', correction: 'fec', codecs: 'ulaw,alaw' },
  { name: 'gwnoec', t38: 'yes', correction: 'none', codecs: 'ulaw,alaw' },
  { name: 'gwg711', t38: 'no', correction: 'none', codecs: 'ulaw,alaw' },
  { name: 'gwalaw', t38: 'yes', correction: 'redundancy', codecs: 'alaw' },
] as const;
type Account = { readonly name: string; readonly t38: string; readonly correction: string; readonly codecs: string };

/** One instance of Asterisk. */
interface Instance {
  readonly name: 'carrier' | 'far';
  readonly sip: number;
  readonly ami: number;
  readonly rtp: number;
  readonly udptl: number;
  /** Endpoint through which a number behind 9 is carried on. */
  readonly other: string;
}

/** Writes what every member reads. */
export async function configure(layout: LabLayout): Promise<void> {
  const { ports } = layout;
  await mkdir(join(layout.state, 'log'), { recursive: true });
  await mkdir(join(layout.root, layout.state), { recursive: true });
  await configureAsterisk(layout, {
    name: 'carrier',
    sip: ports.carrierSip,
    ami: ports.carrierAmi,
    rtp: ports.carrierRtp,
    udptl: ports.carrierUdptl,
    other: 'far',
  });
  await configureAsterisk(layout, {
    name: 'far',
    sip: ports.farSip,
    ami: ports.farAmi,
    rtp: ports.farRtp,
    udptl: ports.farUdptl,
    other: 'carrier',
  });
  await configureHylafax(layout);
  await cp(join(HERE, 'init.sh'), join(layout.root, 'lab-init'));
}

async function configureAsterisk(layout: LabLayout, instance: Instance): Promise<void> {
  const state = join(layout.state, instance.name);
  const etc = join(state, 'etc');
  for (const folder of ['etc', 'lib/keys', 'run', 'log', 'rx', 'spool/outgoing', 'spool/outgoing_done', 'spool/tmp']) {
    await mkdir(join(state, folder), { recursive: true });
    await chmod(join(state, folder), 0o777);
  }
  const values = {
    STATE: state,
    NAME: instance.name,
    MODULES: await modulesIn(layout.root),
    PAGES: join(layout.state, 'pages'),
    OTHER: instance.other,
    SIP: instance.sip,
    CARRIER_SIP: layout.ports.carrierSip,
    AMI: instance.ami,
    RTP: instance.rtp,
    RTP_END: instance.rtp + 999,
    UDPTL: instance.udptl,
    UDPTL_END: instance.udptl + 999,
    IAX: layout.ports.iax,
  };
  for (const file of await readdir(join(HERE, 'asterisk'))) {
    if (!file.startsWith('pjsip')) await filled(join(HERE, 'asterisk', file), join(etc, file), values);
  }
  for (const file of ['cli_aliases', 'features', 'http', 'cdr', 'cel', 'ccss', 'acl', 'stasis']) {
    await writeFile(join(etc, `${file}.conf`), '');
  }
  if (instance.name === 'carrier') await append(join(etc, 'modules.conf'), 'load=chan_iax2.so\n');
  await writeFile(join(etc, 'pjsip.conf'), await pjsip(instance, values));
}

async function pjsip(instance: Instance, values: Values): Promise<string> {
  const common = fill(await readFile(join(HERE, 'asterisk/pjsip.conf'), 'utf8'), values);
  const own = fill(await readFile(join(HERE, `asterisk/pjsip-${instance.name}.conf`), 'utf8'), values);
  const far: Account = { name: 'far', t38: 'yes', correction: 'redundancy', codecs: 'ulaw,alaw' };
  const accounts = instance.name === 'carrier' ? [...ACCOUNTS, far].map(served) : ACCOUNTS.map(played);
  return [common, own, ...accounts].join('');
}

/** An account on the carrier's side; when it calls and is challenged, it answers as `carrier`. */
function served({ name, t38, correction, codecs }: Account): string {
  return `[${name}](ep)
auth=${name}
outbound_auth=${name}-out
aors=${name}
t38_udptl=${t38}
t38_udptl_ec=${correction}
allow=!all,${codecs}
[${name}](pw)
username=${name}
password=${name}-secret
[${name}-out](pw)
username=carrier
password=carrier-secret
[${name}](reg)
`;
}

/** The same account as a customer of the carrier has it. */
function played({ name, t38, correction, codecs }: Account): string {
  return `[${name}](ep)
outbound_auth=${name}
aors=carrier
from_user=${name}
t38_udptl=${t38}
t38_udptl_ec=${correction}
allow=!all,${codecs}
[${name}](pw)
username=${name}
password=${name}-secret
`;
}

async function modulesIn(root: string): Promise<string> {
  const libraries = await readdir(join(root, 'usr/lib'));
  for (const folder of ['asterisk', ...libraries.map((library) => join(library, 'asterisk'))]) {
    const path = join('/usr/lib', folder, 'modules');
    if ((await stat(join(root, path)).catch(() => undefined))?.isDirectory()) return path;
  }
  throw new Error(`no Asterisk modules in ${root}`);
}

async function configureHylafax({ root, state, ports }: LabLayout): Promise<void> {
  const from = join(HERE, 'hylafax');
  const spool = join(root, 'var/spool/hylafax');
  const own = join(state, 'hylafax');
  const [etc, spoolEtc, iaxmodem] = [join(root, 'etc/hylafax'), join(spool, 'etc'), join(root, 'etc/iaxmodem')];
  for (const folder of [etc, spoolEtc, iaxmodem, join(root, 'var/log/iaxmodem'), join(own, 'rx')]) {
    await mkdir(folder, { recursive: true });
  }
  await chmod(join(own, 'rx'), 0o777);
  await writeFile(join(own, 'results.jsonl'), '');
  await chmod(join(own, 'results.jsonl'), 0o666);
  // Only its own rules of dialling: numbers go out as they are.
  for (const file of await readdir(etc)) if (file.startsWith('dialrules')) await rm(join(etc, file));
  for (const file of ['pagesizes']) await cp(join(root, 'usr/share/hylafax', file), join(etc, file));
  for (const file of ['pagesizes', 'lutRS18.pcf', 'typerules']) await cp(join(etc, file), join(spoolEtc, file));
  for (const file of ['config', 'dialrules', 'hosts.hfaxd', 'setup.cache', 'setup.modem']) {
    await cp(join(from, file), join(spoolEtc, file));
    await cp(join(from, file), join(etc, file));
  }
  await chmod(join(spoolEtc, 'hosts.hfaxd'), 0o600);
  const shipped = await readFile(join(spool, 'config/iaxmodem'), 'utf8');
  for (const modem of [0, 1]) {
    const values = { MODEM: modem, PORT: ports.iaxmodem + modem, IAX: ports.iax };
    const settings = fill(await readFile(join(from, 'config.modem'), 'utf8'), values);
    const driver = shipped.slice(shipped.search(/^ModemType/m));
    await writeFile(join(spoolEtc, `config.ttyIAX${modem}`), settings + driver);
    await writeFile(join(etc, `config.ttyIAX${modem}`), settings + driver);
    await filled(join(from, 'iaxmodem'), join(iaxmodem, `ttyIAX${modem}`), values);
  }
  for (const hook of ['faxrcvd', 'notify']) {
    await filled(join(from, hook), join(spool, 'bin', hook), { STATE: own });
    await chmod(join(spool, 'bin', hook), 0o755);
  }
  for (const converter of ['ps2fax', 'pdf2fax']) {
    await rm(join(spool, 'bin', converter), { force: true });
    await symlink(`${converter}.gs`, join(spool, 'bin', converter));
  }
}

type Values = Readonly<Record<string, string | number>>;

/** `@NAME@` by its value. */
function fill(text: string, values: Values): string {
  return text.replace(/@([A-Z_]+)@/g, (whole, name: string) => String(values[name] ?? whole));
}

async function filled(from: string, to: string, values: Values): Promise<void> {
  await writeFile(to, fill(await readFile(from, 'utf8'), values));
}

async function append(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'a' });
}
