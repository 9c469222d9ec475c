import type { Attribute, MediaDescription, SessionDescription } from './description.ts';
import type { ErrorCorrection, T38Ability, T38Media, T38Terms, T38Version } from './media.ts';
import { attributeOf } from './parse.ts';
import type { Reason } from './refusal.ts';
import { remoteOf } from './remote.ts';

const PROTOCOL = 'udptl';
const FORMAT = 't38';
/** Octets of a datagram that we ask for: what goes through any network in one piece. */
const OUR_DATAGRAM = 1_400;
/** Less than this is no size at all: some peers say 0 and mean nothing by it. */
const MIN_DATAGRAM = 48;
/** For a peer that says nothing or nonsense: a page's packet with one more of redundancy. */
const DEFAULT_DATAGRAM = 400;
/** bit/s; what a line without T38MaxBitRate, or with nonsense, stands for (T.38 annex D). */
const DEFAULT_BIT_RATE = 14_400;
const MIN_BIT_RATE = 2_400;
const NAMES: Readonly<Record<Exclude<ErrorCorrection, 'none'>, string>> = {
  redundancy: 't38UDPRedundancy',
  fec: 't38UDPFEC',
};

/** A T.38 line of ours with all we can do. */
export function t38Offer({ local, version, maxBitRate, errorCorrection }: T38Ability): MediaDescription {
  return t38Line(local.port, version, maxBitRate, errorCorrection);
}

/** What comes of the far end's image line: the stream, or why there is none. It is the same for offers and answers. */
export function readT38(description: SessionDescription, line: MediaDescription, able: T38Ability): T38Media | Reason {
  if (line.protocol.toLowerCase() !== PROTOCOL) return 'protocol';
  if (!line.formats.some((format) => format.toLowerCase() === FORMAT)) return 'format';
  const remote = remoteOf(description, line, able.local);
  if ('reason' in remote) return remote.reason;
  return { kind: 't38', local: able.local, remote: remote.endpoint, terms: termsOf(line, able) };
}

/** The T.38 line that answers with what was agreed on. */
export function t38Answer({ local, terms }: T38Media): MediaDescription {
  return t38Line(local.port, terms.version, terms.maxBitRate, terms.errorCorrection);
}

function t38Line(port: number, version: T38Version, maxBitRate: number, correction: ErrorCorrection): MediaDescription {
  const attributes: Attribute[] = [
    { name: 'T38FaxVersion', value: String(version) },
    { name: 'T38MaxBitRate', value: String(maxBitRate) },
    { name: 'T38FaxRateManagement', value: 'transferredTCF' },
    { name: 'T38FaxMaxDatagram', value: String(OUR_DATAGRAM) },
  ];
  if (correction !== 'none') attributes.push({ name: 'T38FaxUdpEC', value: NAMES[correction] });
  return { kind: 'image', port, protocol: PROTOCOL, formats: [FORMAT], address: null, attributes };
}

/**
 * The lower of both versions and rates. Rate management is not read: over UDP there is only one (T.38 §8.2). Neither are
 * fill bit removal and transcoding, which we never offer and so never answer, nor the buffer, which our pace never fills.
 */
function termsOf(line: MediaDescription, able: T38Ability): T38Terms {
  return {
    version: lowerVersion(count(line, 'T38FaxVersion'), able.version),
    maxBitRate: Math.min(able.maxBitRate, bitRate(count(line, 'T38MaxBitRate') ?? count(line, 'T38FaxMaxBitRate'))),
    rateManagement: 'transferredTCF',
    maxDatagram: datagram(count(line, 'T38FaxMaxDatagram')),
    errorCorrection: able.errorCorrection === 'none' ? 'none' : correctionOf(line),
  };
}

function lowerVersion(theirs: number | null, ours: T38Version): T38Version {
  if (theirs === 0 || theirs === 1 || theirs === 2) return theirs < ours ? theirs : ours;
  return theirs === null ? 0 : ours;
}

function bitRate(rate: number | null): number {
  return rate === null || rate < MIN_BIT_RATE ? DEFAULT_BIT_RATE : rate;
}

function datagram(size: number | null): number {
  return size === null || size < MIN_DATAGRAM ? DEFAULT_DATAGRAM : Math.min(size, OUR_DATAGRAM);
}

function correctionOf(line: MediaDescription): ErrorCorrection {
  const value = attributeOf(line, 'T38FaxUdpEC')?.toLowerCase();
  if (value === NAMES.fec.toLowerCase()) return 'fec';
  return value === NAMES.redundancy.toLowerCase() ? 'redundancy' : 'none';
}

/** A number without sign; null: absent, or no number. */
function count(line: MediaDescription, name: string): number | null {
  const value = attributeOf(line, name);
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : null;
}
