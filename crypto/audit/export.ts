import { base64url, fromBase64url } from '../base64url.ts';
import { equalBytes, isObject } from '../bytes.ts';
import { digestSha256 } from '../digest.ts';
import { SealError } from '../errors.ts';
import { verifyAuditHead } from './head.ts';
import { AUDIT_START, type AuditFacts, entryOctets, linkOctets } from './octets.ts';

/** A line of an exported audit log, SPEC.md §11.1; octets are base64url. */
export type AuditLine =
  /** Where the export begins: the place before its first entry, and the link there. */
  | { readonly audit: 'start'; readonly v: 1; readonly place: number; readonly link: string }
  | {
      readonly audit: 'entry';
      readonly place: number;
      readonly salt: string;
      readonly link: string;
      readonly facts: AuditFacts;
    }
  | { readonly audit: 'head'; readonly jws: string };

/** What is wrong with an exported audit log: where, and in a sentence. */
export interface AuditFault {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly fault: 'malformed' | 'changed' | 'missing' | 'inserted' | 'head' | 'unsigned';
  readonly sentence: string;
}

/** What an exported audit log was found to be. */
export interface AuditFindings {
  readonly entries: number;
  /** Places of the first and the last entry; null without any. */
  readonly places: readonly [first: number, last: number] | null;
  readonly heads: number;
  /** Moment of the last head; null without any. */
  readonly until: number | null;
  /** Of the roots that vouch for the heads: genuine only if each is a pin that the reader knows. */
  readonly pins: readonly string[];
  /** None: nothing was changed, taken away or put in between, as far as the last head. */
  readonly faults: readonly AuditFault[];
}

/** More faults than these are not told one by one. */
const MOST_FAULTS = 100;

/** Reads an exported audit log line by line, off-line, and finds what is wrong with it. */
export class AuditReader {
  #line = 0;
  #began = false;
  #place = 0;
  #link: Uint8Array = AUDIT_START;
  #first: number | null = null;
  #entries = 0;
  #heads = 0;
  #until: number | null = null;
  #unsigned = 0;
  readonly #pins = new Set<string>();
  readonly #faults: AuditFault[] = [];

  /** Takes the next line; never throws. */
  async read(text: string): Promise<void> {
    this.#line++;
    const line = lineOf(text);
    if (line === null) this.#tell('malformed', 'this is no line of an audit log');
    else if (line.audit === 'start') this.#start(line);
    else if (!this.#began) this.#tell('malformed', 'an audit log begins with its start');
    else if (line.audit === 'entry') await this.#entry(line);
    else await this.#head(line.jws);
  }

  /** The findings, once the last line was read. */
  findings(): AuditFindings {
    if (!this.#began && this.#faults.length === 0) this.#tell('malformed', 'the file is empty');
    if (this.#unsigned > 0) {
      this.#tell('unsigned', `no head vouches for the last ${this.#unsigned} entries: the end may be cut off`);
    }
    return {
      entries: this.#entries,
      places: this.#first === null ? null : [this.#first, this.#place],
      heads: this.#heads,
      until: this.#until,
      pins: [...this.#pins],
      faults: this.#faults,
    };
  }

  #start({ place, link }: Extract<AuditLine, { audit: 'start' }>): void {
    const octets = octetsOf(link, 32);
    if (this.#began || octets === null || (place === 0 && !equalBytes(octets, AUDIT_START))) {
      this.#tell('malformed', 'this is no start of an audit log');
      return;
    }
    this.#began = true;
    this.#place = place;
    this.#link = octets;
  }

  async #entry({ place, salt, link, facts }: Extract<AuditLine, { audit: 'entry' }>): Promise<void> {
    const [saltOctets, given] = [octetsOf(salt, 16), octetsOf(link, 32)];
    if (saltOctets === null || given === null) {
      this.#tell('malformed', `entry ${place} has no salt or no link`);
      return;
    }
    if (place > this.#place + 1) {
      this.#tell('missing', `entries ${this.#place + 1} to ${place - 1} are missing`);
    } else if (place <= this.#place) {
      this.#tell('inserted', `entry ${place} stands behind entry ${this.#place}`);
      return;
    } else if (!equalBytes(await linkOf(this.#link, saltOctets, facts), given)) {
      this.#tell('changed', `entry ${place} was changed, or one was put in or taken away before it`);
    }
    this.#first ??= place;
    this.#entries++;
    this.#unsigned++;
    this.#place = place;
    this.#link = given;
  }

  async #head(jws: string): Promise<void> {
    try {
      const { place, link, at, pin } = await verifyAuditHead(jws);
      this.#pins.add(pin);
      this.#heads++;
      this.#unsigned = 0;
      if (this.#until !== null && at < this.#until) this.#tell('head', 'this head is older than the one before it');
      this.#until = at;
      if (place === this.#place && equalBytes(link, this.#link)) return;
      this.#tell(
        'head',
        `the gateway signed another log up to entry ${place}: entries were changed, put in or taken away`,
      );
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      this.#tell('head', 'no gateway signed this head');
    }
  }

  #tell(fault: AuditFault['fault'], sentence: string): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push({ line: this.#line, fault, sentence });
  }
}

async function linkOf(before: Uint8Array, salt: Uint8Array, facts: AuditFacts): Promise<Uint8Array> {
  return digestSha256(linkOctets(before, await digestSha256(entryOctets(salt, facts))));
}

function lineOf(text: string): AuditLine | null {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? value : null;
  } catch {
    return null;
  }
}

function isLine(value: unknown): value is AuditLine {
  if (!isObject(value)) return false;
  const { audit, v, place, link, salt, facts, jws } = value;
  if (audit === 'head') return typeof jws === 'string';
  const placed = typeof place === 'number' && Number.isSafeInteger(place) && place >= 0 && typeof link === 'string';
  return placed && (audit === 'start' ? v === 1 : audit === 'entry' && typeof salt === 'string' && isObject(facts));
}

function octetsOf(text: string, length: number): Uint8Array | null {
  try {
    const octets = fromBase64url(text);
    return octets.length === length ? octets : null;
  } catch {
    return null;
  }
}

/** The line of an entry. */
export function auditEntryLine(place: number, salt: Uint8Array, link: Uint8Array, facts: AuditFacts): AuditLine {
  return { audit: 'entry', place, salt: base64url(salt), link: base64url(link), facts };
}
