import { digestHash } from '../../../crypto/index.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import { Descriptions } from '../call/descriptions.ts';
import { termsOf } from '../call-terms.ts';
import { type ListenConfig, type SipT38Config, type TrunkConfig, trunkOf } from '../config.ts';
import { NetworkError } from '../io/errors.ts';
import type { Network } from '../io/network.ts';
import type { Reached } from '../io/reach.ts';
import type { Inquired, Question } from '../sip/agent/inquiry.ts';
import type { Destination } from '../sip/agent/io.ts';
import type { Trunk } from '../sip/agent/trunk.ts';
import { Station } from '../station.ts';
import { judgeAddress, type Seen, seenIn } from './address.ts';
import { judgeConnection } from './connection.ts';
import { type Finding, fault, skipped, type TrunkReport, worst } from './finding.ts';
import { isRunning, judgeListen, type Listenable } from './listen.ts';
import { judgeMedia, portsText } from './media.ts';
import { judgeName, lookUp } from './name.ts';
import { judgeOptions } from './options.ts';
import { boundBy, judgeBinding, judgeBindings, unregistered } from './registrar.ts';
import { judgeAnnounced, judgeProbe, judgeTrial, noPort } from './t38.ts';
import { TRIAL_PAGE, tryCall } from './trial-call.ts';

/** What is checked, and how far it may go. */
export interface CheckOrder {
  readonly config: SipT38Config;
  readonly trunk: TrunkConfig;
  /** A fax machine of the operator's own, E.164: it is called, and gets no page. Null: nobody is called. */
  readonly to: string | null;
  /** Whether an address that is no telephone number may be called, to see whether calls are taken at all. */
  readonly probe: boolean;
  /** Whether we may register and take it back; the registrar is asked about its bindings anyhow. */
  readonly register: boolean;
  /** Ends the check, and a call of it, at once. */
  readonly signal?: AbortSignal;
}

/** What a check may use of the host. */
export interface CheckSurroundings {
  readonly clock: Clock;
  readonly random: (octets: number) => Uint8Array;
  /** Sockets of the check's own; `failed` is called for each look-up that failed. */
  readonly network: (listen: readonly ListenConfig[], failed: () => void) => Network;
  /** Whether the configured addresses could be opened now; they are not kept. */
  readonly listenable: () => Promise<Listenable>;
  /** Tries a connection over TCP or TLS. */
  readonly reach: (to: Destination) => Promise<Reached>;
  /** Told of each finding as it is made. */
  readonly found?: (finding: Finding) => void;
}

/** User part that is no telephone number of anybody. */
const NOBODY = 'sealfax-trunk-check';
/** Places of a trunk that a connection is tried to. */
const PLACES = 4;

/**
 * Checks one trunk from its settings alone: with sockets of its own, so that a gateway that runs is not disturbed. Nobody
 * is called unless `to` or `probe` say so.
 */
export async function checkTrunk(order: CheckOrder, surroundings: CheckSurroundings): Promise<TrunkReport> {
  const check = new TrunkCheck(order, surroundings);
  await check.run();
  const { findings } = check;
  return { carrier: order.config.name, trunk: order.trunk.name, severity: worst(findings), findings };
}

class TrunkCheck {
  readonly findings: Finding[] = [];
  readonly #order: CheckOrder;
  readonly #surroundings: CheckSurroundings;
  readonly #trunk: Trunk;
  readonly #station: Station;
  readonly #network: Network;
  #failures = 0;
  #running = false;
  #seen: Seen | null = null;
  #peer = '';
  #stopping: Promise<void> | null = null;

  constructor(order: CheckOrder, surroundings: CheckSurroundings) {
    this.#order = order;
    this.#surroundings = surroundings;
    this.#trunk = trunkOf(order.trunk);
    this.#network = surroundings.network([ownListen(order)], () => {
      this.#failures++;
    });
    this.#station = new Station({
      trunks: [this.#trunk],
      product: 'Sealfax',
      sessionExpires: order.config.sessionExpires,
      maxIncoming: 0,
      random: surroundings.random,
      hash: digestHash,
      network: this.#network,
      clock: surroundings.clock,
      incoming: () => {},
      trunk: () => {},
      late: () => {},
    });
  }

  async run(): Promise<void> {
    const { signal } = this.#order;
    const onAbort = () => void this.#stop();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#listen();
      await this.#station.open();
      if (await this.#name()) await this.#speak();
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.#say(fault('listen', error.message, 'Check the addresses of listen: they must be this host’s.'));
    } finally {
      signal?.removeEventListener('abort', onAbort);
      await this.#stop();
    }
  }

  #stop(): Promise<void> {
    this.#stopping ??= this.#station.stop();
    return this.#stopping;
  }

  async #listen(): Promise<void> {
    const { config, trunk } = this.#order;
    const listenable = await this.#surroundings.listenable();
    this.#running = isRunning(listenable);
    this.#say(judgeListen(config, trunk, listenable));
  }

  async #name(): Promise<boolean> {
    const looked = await lookUp(this.#trunk, this.#network, () => this.#failures);
    const finding = judgeName(this.#trunk, looked);
    this.#say(finding);
    return finding.severity !== 'fault';
  }

  async #speak(): Promise<void> {
    const options = await this.#ask({ method: 'OPTIONS' });
    const connected = await this.#connect(options?.targets ?? []);
    const bindings =
      connected && this.#trunk.register !== null
        ? await this.#ask({ method: 'REGISTER', contact: null, expires: 0 })
        : null;
    this.#options(options, bindings?.response != null);
    if (this.#seen !== null) this.#say(judgeAddress(this.#seen, this.#addressSettings));
    await this.#register(bindings);
    const proved = await this.#t38(options);
    await this.#media(proved);
  }

  /** Whether one of the places could be connected to; UDP has nothing to connect. */
  async #connect(targets: readonly Destination[]): Promise<boolean> {
    if (this.#trunk.transport === 'udp') return true;
    const { reach, clock } = this.#surroundings;
    const all = await Promise.all(targets.slice(0, PLACES).map(async (to) => ({ to, reached: await reach(to) })));
    for (const { to, reached } of all) this.#say(judgeConnection(to, reached, clock.now()));
    return all.some(({ reached }) => reached.ok);
  }

  #options(options: Inquired | null, alive: boolean): void {
    if (options !== null) this.#say(judgeOptions(options, { ...this.#who, alive }));
  }

  async #register(bindings: Inquired | null): Promise<void> {
    const { register } = this.#trunk;
    if (register === null || bindings === null) return;
    const judged = judgeBindings(bindings, { ...this.#who, running: this.#running });
    // Registrars that do not tell their bindings may take one all the same.
    const untold = [400, 405, 501].includes(bindings.status);
    if (!untold || this.#running || !this.#order.register) this.#say(judged);
    if (judged.severity === 'fault' && !untold) return;
    if (this.#running)
      this.#say(unregistered('no registration was tried: it could take the place of the gateway’s own'));
    else if (this.#order.register) await this.#bind(register.expires);
    else this.#say(unregistered('no registration was tried'));
  }

  async #bind(expires: number): Promise<void> {
    const bound = await this.#bound(expires);
    if (bound === null) return;
    const contact = bound.status < 300 ? boundBy(bound) : null;
    const back = contact === null ? null : await this.#ask({ method: 'REGISTER', contact, expires: 0 });
    this.#say(judgeBinding(bound, back, { ...this.#who, asked: expires }));
  }

  /** Registers; a registrar that wants more time gets it (RFC 3261 §10.2.8). */
  async #bound(expires: number): Promise<Inquired | null> {
    const first = await this.#ask({ method: 'REGISTER', contact: 'own', expires });
    const least = first?.status === 423 ? Number(first.response?.headers.get('min-expires') ?? '') : Number.NaN;
    if (!Number.isInteger(least) || least <= expires || least > 86_400) return first;
    return this.#ask({ method: 'REGISTER', contact: 'own', expires: least });
  }

  /** Whether media was seen to come and go. */
  async #t38(options: Inquired | null): Promise<boolean> {
    const { to, probe } = this.#order;
    if (to !== null) return this.#trial(to);
    const probed = probe ? await this.#probe() : null;
    this.#say(probed === null ? judgeAnnounced(options) : judgeProbe(probed, this.#who));
    return false;
  }

  async #trial(to: string): Promise<boolean> {
    const { config } = this.#order;
    const trial = await tryCall(this.#station, {
      ...termsOf(config),
      direction: 'out',
      call: `check-${hex(this.#surroundings.random(12))}`,
      trunk: this.#trunk.name,
      to,
      from: null,
      pages: [TRIAL_PAGE],
      ringTime: config.ringTime * 1_000,
      t38Wait: config.t38.wait * 1_000,
    });
    this.#say(trial === null ? noPort() : judgeTrial(trial, { ...this.#who, ports: portsText(config) }));
    return trial?.line != null;
  }

  async #probe(): Promise<Inquired | null> {
    const port = await this.#network.openMedia(() => {});
    if (port === null) return null;
    try {
      const { codecs, maxRate, errorCorrection } = termsOf(this.#order.config);
      const abilities = { local: port.advertised, codecs, maxBitRate: maxRate, errorCorrection };
      const sdp = new Descriptions('1', abilities).offer('audio');
      return await this.#ask({ method: 'INVITE', user: NOBODY, sdp });
    } finally {
      port.close();
    }
  }

  async #media(proved: boolean): Promise<void> {
    const port = await this.#network.openMedia(() => {});
    port?.close();
    this.#say(judgeMedia(this.#order.config, port !== null, proved));
  }

  async #ask(question: Question): Promise<Inquired | null> {
    const inquired = await this.#station.inquire(this.#trunk.name, question);
    if (inquired?.response != null) {
      this.#seen = seenIn(inquired.response);
      this.#peer = inquired.to?.remote.address ?? '';
    } else if (inquired === null) {
      this.#say(skipped('options', `${question.method} was given up: no answer in time`));
    }
    return inquired;
  }

  get #who() {
    return { hasCredentials: this.#trunk.credentials !== null, seen: this.#seen?.address ?? null };
  }

  get #addressSettings() {
    const { config } = this.#order;
    return { publicAddress: config.publicAddress, peer: this.#peer, ports: portsText(config) };
  }

  #say(finding: Finding): void {
    this.findings.push(finding);
    this.#surroundings.found?.(finding);
  }
}

/** A socket of the check's own, where the gateway listens for this trunk's transport, at any free port. */
function ownListen({ config, trunk }: CheckOrder): ListenConfig {
  const like = config.listen.find(({ transport }) => transport === trunk.transport);
  return { ...like, transport: trunk.transport, address: like?.address ?? '0.0.0.0', port: 0 };
}

function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}
