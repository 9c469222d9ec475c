/**
 * SIP messages read and written per second of one core:
 *
 *     node ops/bench/t38-sip.ts
 *
 * Each round takes an INVITE of fourteen headers with a session description off the wire, reads it as far as a call needs it
 * (start line, all headers, Via, From, To, CSeq, Request-URI, Contact), puts a Via on top and writes it again.
 */
import { nameAddrs, parseMessage, parseUri, serialise } from '../../carrier-adapters/sip-t38/sip/message/index.ts';

/** Messages read and written; times are of the processor. */
export interface SipFigure {
  readonly octets: number;
  readonly perSecond: number;
  /** What is asked for. */
  readonly limit: number;
}

const LIMIT = 100_000;
const ROUNDS = 50_000;
/** Runs of which the fastest counts; other work on the machine only adds. */
const RUNS = 9;

const SDP = [
  'v=0',
  'o=- 439237430 439237430 IN IP4 192.0.2.20',
  's=-',
  'c=IN IP4 192.0.2.20',
  't=0 0',
  'm=audio 24936 RTP/AVP 0 8 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
  'a=sendrecv',
];

function invite(): Uint8Array {
  const body = SDP.map((line) => `${line}\r\n`).join('');
  const lines = [
    'INVITE sip:+15550100@192.0.2.10:5060;user=phone SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.20:5060;rport;branch=z9hG4bKPj42a297cd-0ded-4f99-a08d-ac18321a6474',
    'From: "Fax" <sip:+15550199@192.0.2.20>;tag=71771887-c078-4779-a8d1-b9f490497612',
    'To: <sip:+15550100@192.0.2.10;user=phone>',
    'Contact: <sip:+15550199@192.0.2.20:5060>',
    'Call-ID: 620c0d7c-7919-45e8-b6e6-b4281c93dce5',
    'CSeq: 30510 INVITE',
    'Allow: OPTIONS, INVITE, ACK, BYE, CANCEL, UPDATE',
    'Supported: timer',
    'Session-Expires: 1800',
    'Min-SE: 90',
    'Max-Forwards: 70',
    'User-Agent: trunk',
    'Content-Type: application/sdp',
    `Content-Length: ${body.length}`,
  ];
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** Reads and writes one message; answers the octets written. */
function readAndWrite(bytes: Uint8Array): number {
  const parsed = parseMessage(bytes);
  if ('error' in parsed || parsed.message.kind !== 'request') throw new TypeError('the message of the bench is none');
  const { message } = parsed;
  const contact = nameAddrs(message.headers, 'contact')?.[0];
  if (parseUri(message.uri) === undefined || parseUri(contact?.uri ?? '') === undefined) throw new TypeError('no URI');
  const headers = message.headers
    .copy()
    .prepend('Via', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK0123456789abcdef;rport');
  return serialise({ ...message, headers }).length;
}

/** Seconds of processor time that {@link ROUNDS} messages take, the least of {@link RUNS} runs. */
function leastTime(bytes: Uint8Array): number {
  const times = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    for (let round = 0; round < ROUNDS; round++) readAndWrite(bytes);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return Math.min(...times);
}

/** Measures. */
export function runSip(): SipFigure {
  const bytes = invite();
  return { octets: bytes.length, perSecond: ROUNDS / leastTime(bytes), limit: LIMIT };
}

/** The figure as a line of a report. */
export function describeSip({ octets, perSecond, limit }: SipFigure): string {
  const [rate, least] = [perSecond, limit].map((value) => Math.round(value).toLocaleString('en'));
  return `SIP parse and build, INVITE of ${octets} octets: ${rate} a second of processor (limit ${least})`;
}

if (import.meta.main) process.stdout.write(`${describeSip(runSip())}\n`);
