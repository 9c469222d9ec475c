import assert from 'node:assert/strict';
import { fcd, rcp } from '../../../carrier-adapters/sip-t38/t30/ecm/frames.ts';
import { dcsFif } from '../../../carrier-adapters/sip-t38/t30/frames/dcs.ts';
import { disFif } from '../../../carrier-adapters/sip-t38/t30/frames/dis.ts';
import { FCFS, type Fcf } from '../../../carrier-adapters/sip-t38/t30/frames/fcf.ts';
import { encodeSignal, frame, parseFrame } from '../../../carrier-adapters/sip-t38/t30/frames/frame.ts';
import { MODEMS } from '../../../carrier-adapters/sip-t38/t30/frames/modems.ts';
import { createAnswerer, createCaller } from '../../../carrier-adapters/sip-t38/t30/index.ts';
import type { LineCommand, LineEvent, Modem } from '../../../carrier-adapters/sip-t38/t30/line.ts';
import type { T30Input, T30Machine, T30Output } from '../../../carrier-adapters/sip-t38/t30/machine.ts';
import { createRandom, type Random } from '../../crash/random.ts';

const V17: Modem = { modulation: 'V.17', rate: 14_400 };
const MODULATIONS = ['V.27ter', 'V.29', 'V.17'] as const;
const PAGE = { width: 1728, rows: 2_287, xDpi: 204, yDpi: 196 } as const;

/** Outputs that one input may lead to: two signals of a few frames each, their ladder lines, and what is told of a page. */
const MAX_OUTPUTS = 24;
/** A machine that hears nothing any more has ended by then. */
const SILENCE = 600_000;
/** T.30's longest call, and the farewell behind it. */
const LONGEST = 6 * 3_600_000 + 60_000;

/** Frames that lead somewhere are likelier than those that do not. */
const CALLER_HEARS: readonly Fcf[] = [
  'DIS',
  'CFR',
  'CFR',
  'FTT',
  'MCF',
  'MCF',
  'RTN',
  'RTP',
  'PPR',
  'RNR',
  'CTR',
  'ERR',
  'CRP',
];
const ANSWERER_HEARS: readonly Fcf[] = [
  'DCS',
  'DCS',
  'MPS',
  'EOM',
  'EOP',
  'PPS',
  'PPS',
  'RR',
  'CTC',
  'EOR',
  'CRP',
  'TSI',
];

/** How a hostile call went. */
export interface HostileCall {
  readonly outcome: string;
  readonly pages: number;
  /** Milliseconds of the call. */
  readonly length: number;
}

/**
 * A machine and a far station that says whatever it likes, for `events` events or, when that is null, for as long as the
 * machine listens. Throws when the machine does what no machine may do.
 */
export function hostileCall(seed: number, events: number | null): HostileCall {
  // Neighbouring seeds begin alike.
  const random = createRandom(Math.imul(seed, 0x9e37_79b1));
  return new Attack(random, seed % 2 === 0).run(events);
}

class Attack {
  readonly #random: Random;
  readonly #isCaller: boolean;
  readonly #machine: T30Machine;
  #now = 0;
  /** Transmissions that have not been told to have left. */
  #underWay = 0;
  #wanted: number | null = null;
  #handed = new Set<number>();
  #confirmed = 0;
  #open = false;
  #ended = 0;
  #verdictDue = false;
  #canceled = false;
  #outcome: string | null = null;
  /** The last control signal that the machine has sent. */
  #said = '';

  constructor(random: Random, isCaller: boolean) {
    this.#random = random;
    this.#isCaller = isCaller;
    const common = {
      id: '5550100',
      ecm: random.below(3) > 0,
      maxRate: [14_400, 9_600, 2_400][random.below(3)] ?? 14_400,
      modulations: MODULATIONS,
    };
    this.#machine = isCaller
      ? createCaller({ ...common, pages: [PAGE, PAGE, { ...PAGE, yDpi: 98, rows: 1_143 }] })
      : createAnswerer({ ...common, width: 2432, ced: random.below(2) === 0 });
    this.#take(this.#machine.start(0));
  }

  run(events: number | null): HostileCall {
    for (let event = 0; this.#outcome === null && (events === null || event < events); event++) {
      assert.ok(this.#now < LONGEST, 'the call goes on for ever');
      this.#pass(this.#random.below(events === null ? 4_000 : 2_500));
      if (this.#random.below(2) === 0) this.#behave();
      else if (this.#outcome === null) this.#tell(this.#something(events === null));
    }
    this.#fallSilent();
    assert.deepEqual(this.#machine.handle({ type: 'cancel' }, this.#now), []);
    assert.equal(this.#machine.deadline, null);
    return {
      outcome: this.#outcome ?? 'none',
      pages: this.#isCaller ? this.#confirmed : this.#ended,
      length: this.#now,
    };
  }

  #fallSilent(): void {
    const since = this.#now;
    while (this.#outcome === null) {
      assert.ok(this.#now - since < SILENCE, 'the machine waits for ever');
      if (this.#underWay > 0) this.#tell({ type: 'line', event: { type: 'sent' } });
      else this.#pass(5_000);
    }
  }

  /** Does what a decent far station does next, so that all phases are come to. */
  #behave(): void {
    for (; this.#underWay > 0 && this.#outcome === null; ) this.#tell({ type: 'line', event: { type: 'sent' } });
    for (const input of this.#isCaller ? this.#receive() : this.#send()) {
      this.#pass(350);
      if (this.#outcome === null) this.#tell(input);
    }
    if (this.#outcome === null && this.#wanted !== null) this.#tell(this.#handOver(this.#wanted));
    if (this.#outcome === null && this.#verdictDue && this.#random.below(4) > 0) this.#tell(this.#judge());
  }

  /** What a receiver answers to what the machine has sent last. */
  #receive(): T30Input[] {
    switch (this.#said) {
      case '':
        return [this.#signal('DIS')];
      case 'DCS':
        return [this.#signal('CFR')];
      case 'CTC':
        return [this.#signal('CTR')];
      case 'EOR':
        return [this.#signal('ERR')];
      case 'EOM':
        return [this.#signal('MCF'), this.#signal('DIS')];
      default:
        return [this.#signal(this.#pick(['MCF', 'MCF', 'PPR', 'RNR']))];
    }
  }

  /** What a sender does behind what the machine has said last. */
  #send(): T30Input[] {
    const data = (octets: Uint8Array): T30Input[] =>
      ([{ type: 'carrier', modem: V17 }, { type: 'data', octets }, { type: 'no_carrier' }] as const).map((event) => ({
        type: 'line',
        event,
      }));
    switch (this.#said) {
      case 'DIS':
      case 'FTT':
      case 'RTN':
      case 'RTP':
        return [this.#signal('DCS'), ...data(new Uint8Array(2_700))];
      case 'RNR':
        return [this.#signal('RR')];
      default:
        return this.#random.below(2) === 0
          ? [...data(this.#octets(500)), this.#signal(this.#pick(['MPS', 'EOM', 'EOP']))]
          : [
              { type: 'line', event: { type: 'frame', octets: fcd(0, new Uint8Array(64), 64), good: true } },
              this.#signal('PPS'),
            ];
    }
  }

  #signal(fcf: Fcf): T30Input {
    const [octets = new Uint8Array()] = encodeSignal([frame(fcf, this.#fif(fcf))], !this.#isCaller);
    return { type: 'line', event: { type: 'frame', octets, good: true } };
  }

  #handOver(page: number): T30Input {
    this.#handed.add(page);
    return { type: 'page', coded: new Uint8Array(this.#random.below(80_000)) };
  }

  /** Time goes by, with all deadlines in it. */
  #pass(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (let due = this.#machine.deadline, spins = 0; due !== null && due <= until; due = this.#machine.deadline) {
      spins = due > this.#now ? 0 : spins + 1;
      assert.ok(spins < 8, 'a deadline comes back at once');
      this.#now = Math.max(this.#now, due);
      this.#tell({ type: 'time' });
    }
    this.#now = until;
  }

  #tell(input: T30Input): void {
    if (input.type === 'line' && input.event.type === 'sent') this.#underWay = Math.max(0, this.#underWay - 1);
    this.#take(this.#machine.handle(input, this.#now));
  }

  #take(outputs: readonly T30Output[]): void {
    assert.ok(outputs.length <= MAX_OUTPUTS, `${outputs.length} outputs at once`);
    for (const output of outputs) {
      assert.equal(this.#outcome, null, 'nothing comes after over');
      this.#check(output);
    }
  }

  #check(output: T30Output): void {
    switch (output.type) {
      case 'line':
        this.#command(output.command);
        break;
      case 'want_page':
        assert.ok(output.index === this.#confirmed, 'pages are wanted in order');
        this.#wanted = output.index;
        break;
      case 'page_confirmed':
        assert.ok(this.#handed.has(output.index), 'a page that was never handed over is not confirmed');
        assert.equal(output.index, this.#confirmed++, 'pages are confirmed in order, and once');
        break;
      case 'page_begin':
        assert.equal(this.#open, false);
        this.#open = true;
        break;
      case 'page_data':
        assert.ok(this.#open, 'data belong to an open page');
        break;
      case 'page_end':
      case 'page_void':
        assert.ok(this.#open, 'only an open page ends');
        this.#open = false;
        this.#verdictDue = output.type === 'page_end';
        this.#ended += output.type === 'page_end' ? 1 : 0;
        break;
      case 'over':
        assert.equal(this.#open, false, 'no page is left open');
        this.#outcome = output.outcome;
        break;
      default:
    }
  }

  #command(command: LineCommand): void {
    if (command.do === 'listen') return;
    if (command.do === 'control') this.#said = parseFrame(command.frames.at(-1) ?? new Uint8Array())?.fcf ?? '';
    if (command.do === 'stop') this.#underWay = 0;
    else if (command.do !== 'tone' || command.tone === 'ced') this.#underWay++;
    if (command.do !== 'image' && command.do !== 'ecm') return;
    assert.equal(this.#canceled, false, 'no page leaves after cancel');
    assert.ok(this.#wanted !== null && this.#handed.has(this.#wanted), 'no page leaves before it is handed over');
  }

  #something(endless: boolean): T30Input {
    const chance = this.#random.below(100);
    if (this.#underWay > 0 && chance < 45) return { type: 'line', event: { type: 'sent' } };
    if (chance < 12) return this.#ownWords();
    if (chance === 12 && !endless) {
      this.#canceled = true;
      return { type: 'cancel' };
    }
    return { type: 'line', event: this.#event(endless) };
  }

  #ownWords(): T30Input {
    if (this.#verdictDue) return this.#judge();
    if (this.#wanted === null || this.#random.below(50) === 0) return { type: 'page_verdict', verdict: 'good' };
    return this.#handOver(this.#wanted);
  }

  #judge(): T30Input {
    this.#verdictDue = false;
    const verdict = this.#random.below(30) === 0 ? 'failed' : this.#pick(['good', 'good', 'fair', 'bad'] as const);
    return { type: 'page_verdict', verdict };
  }

  #event(endless: boolean): LineEvent {
    switch (this.#random.below(10)) {
      case 0:
        return { type: 'carrier', modem: this.#random.below(2) === 0 ? 'V.21' : this.#pick(MODEMS) };
      case 1:
        return {
          type: 'data',
          octets: new Uint8Array(this.#random.below(4_000)),
          ...(this.#random.below(9) > 7 ? { gap: 2 } : {}),
        };
      case 2:
        return { type: 'frame', octets: this.#messageFrame(), good: this.#random.below(4) > 0 };
      case 3:
      case 4:
        return { type: 'no_carrier' };
      case 5:
        return this.#pick([
          { type: 'tone', tone: 'cng' },
          { type: 'sent' },
          { type: 'outage' },
          { type: 'progress', octets: 1 << 20 },
        ] as const);
      default:
        return { type: 'frame', octets: this.#controlFrame(endless), good: this.#random.below(8) > 0 };
    }
  }

  #messageFrame(): Uint8Array {
    if (this.#random.below(6) === 0) return rcp();
    return fcd(this.#random.below(256), new Uint8Array(64), this.#random.below(2) === 0 ? 64 : 256);
  }

  /** Any frame; no DCN in an endless call, which would end it. */
  #controlFrame(endless: boolean): Uint8Array {
    if (this.#random.below(12) === 0) return this.#octets(this.#random.below(300));
    const likely = this.#isCaller ? CALLER_HEARS : ANSWERER_HEARS;
    const fcf = this.#random.below(5) > 0 ? this.#pick(likely) : this.#pick(FCFS);
    const fif = this.#random.below(4) > 0 ? this.#fif(fcf) : this.#octets(this.#random.below(40));
    const [octets] = encodeSignal([frame(endless && fcf === 'DCN' ? 'CRP' : fcf, fif)], !this.#isCaller);
    return octets ?? new Uint8Array();
  }

  #fif(fcf: Fcf): Uint8Array {
    switch (fcf) {
      case 'DIS':
        return disFif({
          internet: this.#random.below(2) === 0,
          modems: { modulations: MODULATIONS, slow: false },
          ecm: this.#random.below(2) === 0,
          width: 1728,
        });
      case 'DCS':
        return dcsFif({
          internet: this.#random.below(2) === 0,
          modem: this.#random.below(2) === 0 ? V17 : this.#pick(MODEMS),
          compression: 'MH',
          ecm: this.#random.below(2) === 0,
          frameSize: 64,
          resolution: '204×196',
          width: 1728,
          length: 'A4',
          scanTime: 0,
          subaddress: false,
          senderId: false,
        });
      case 'PPS':
        return Uint8Array.of(
          this.#pick([0x00, 0xf1, 0xf2, 0xf4, 0xfc]),
          0,
          this.#random.below(20) === 0 ? 0x80 : 0,
          this.#random.below(3),
        );
      case 'EOR':
        return Uint8Array.of(this.#pick([0x00, 0xf1, 0xf2, 0xf4]));
      case 'PPR':
        return this.#octets(32);
      default:
        return new Uint8Array();
    }
  }

  #octets(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#random.below(256));
  }

  #pick<T>(of: readonly T[]): T {
    const picked = of[this.#random.below(of.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }
}
