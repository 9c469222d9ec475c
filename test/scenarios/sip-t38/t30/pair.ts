import { createAnswerer, createCaller } from '../../../../carrier-adapters/sip-t38/t30/index.ts';
import type { LineEvent } from '../../../../carrier-adapters/sip-t38/t30/line.ts';
import type {
  AnswererOptions,
  CallerOptions,
  PageVerdict,
  T30Output,
} from '../../../../carrier-adapters/sip-t38/t30/machine.ts';
import type { PageTerms } from '../../../../carrier-adapters/sip-t38/t30/page-terms.ts';
import { Agenda } from './clock.ts';
import { Station } from './station.ts';

/** A page of A4 in fine resolution. */
export const A4_FINE = { width: 1728, rows: 2_287, xDpi: 204, yDpi: 196 } as const;

/** A caller of one page that can do everything. */
export const CALLER: CallerOptions = {
  id: '+49 30 5550100',
  pages: [A4_FINE],
  maxRate: 14_400,
  ecm: true,
  modulations: ['V.27ter', 'V.29', 'V.17'],
};

/** An answerer that can do everything. */
export const ANSWERER: AnswererOptions = {
  id: '+49 30 5550199',
  maxRate: 14_400,
  ecm: true,
  modulations: ['V.27ter', 'V.29', 'V.17'],
  width: 2432,
  ced: true,
};

/** What is done to the line between two stations; null: the event is lost. */
export type Fault = (event: LineEvent, from: 'caller' | 'answerer', now: number) => LineEvent | null;

/** How two stations are put together. */
export interface PairOptions {
  readonly caller?: Partial<CallerOptions>;
  readonly answerer?: Partial<AnswererOptions>;
  readonly fault?: Fault;
  /** Coded octets of a page; the default differs from page to page. */
  readonly coded?: (index: number, terms: PageTerms) => Uint8Array;
  readonly verdict?: (page: number) => PageVerdict;
  /** Milliseconds between `page_end` and the verdict. */
  readonly verdictAfter?: number;
}

/** Octets that no other page has. */
export function codedPage(index: number, size = 20_000): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + index * 7 + (i >> 8)) & 0xff);
}

/** Two machines of ours face to face, on an ideal line unless a fault is given. */
export class Pair {
  readonly agenda = new Agenda();
  readonly caller: Station;
  readonly answerer: Station;
  /** Pages that the answerer has kept, and the terms they came by. */
  readonly kept: Uint8Array[] = [];
  readonly terms: PageTerms[] = [];
  #open: Uint8Array[] = [];
  #ended = 0;
  readonly #options: PairOptions;

  constructor(options: PairOptions = {}) {
    this.#options = options;
    const fault = options.fault ?? ((event) => event);
    const carry = (from: 'caller' | 'answerer') => (event: LineEvent) => {
      const heard = fault(event, from, this.agenda.now);
      if (heard !== null) (from === 'caller' ? this.answerer : this.caller).hear(heard);
    };
    const caller = createCaller({ ...CALLER, ...options.caller });
    const answerer = createAnswerer({ ...ANSWERER, ...options.answerer });
    this.caller = new Station(caller, this.agenda, carry('caller'), (output) => this.#ofCaller(output));
    this.answerer = new Station(answerer, this.agenda, carry('answerer'), (output) => this.#ofAnswerer(output));
  }

  /** Runs the call to its end; returns milliseconds. Throws when it does not end. */
  run(limit = 7 * 3_600_000): number {
    this.caller.start();
    this.answerer.start();
    while (this.caller.outcome === null || this.answerer.outcome === null) {
      if (!this.agenda.step(limit)) throw new Error(`still going on after ${this.agenda.now} ms`);
    }
    return this.agenda.now;
  }

  #ofCaller(output: T30Output): void {
    if (output.type !== 'want_page') return;
    const coded = this.#options.coded?.(output.index, output.terms) ?? codedPage(output.index);
    this.agenda.at(this.agenda.now, () => this.caller.tell({ type: 'page', coded }));
  }

  #ofAnswerer(output: T30Output): void {
    switch (output.type) {
      case 'page_begin':
        this.#open = [];
        this.terms.push(output.terms);
        break;
      case 'page_data':
        this.#open.push(output.octets);
        break;
      case 'page_void':
        this.#open = [];
        break;
      case 'page_end':
        this.#judge();
        break;
      default:
    }
  }

  #judge(): void {
    const verdict = this.#options.verdict?.(this.#ended++) ?? 'good';
    if (verdict === 'good' || verdict === 'fair') this.kept.push(concat(this.#open));
    const after = this.agenda.now + (this.#options.verdictAfter ?? 10);
    this.agenda.at(after, () => this.answerer.tell({ type: 'page_verdict', verdict }));
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
