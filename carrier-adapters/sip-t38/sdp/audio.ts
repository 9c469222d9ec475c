import type { Attribute, MediaDescription, SessionDescription } from './description.ts';
import type { AudioAbility, AudioMedia, Codec, Direction } from './media.ts';
import { attributeOf } from './parse.ts';
import type { Reason } from './refusal.ts';
import { remoteOf } from './remote.ts';

/** Static payload types of RFC 3551 §6, table 4. */
const STATIC: Readonly<Record<Codec, number>> = { PCMU: 0, PCMA: 8 };
const CODECS = ['PCMU', 'PCMA'] as const satisfies readonly Codec[];
const PROTOCOL = 'RTP/AVP';
const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
/** What we may do when the far end says what it does (RFC 3264 §6.1). */
const ANSWERS: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/** A format of an audio line that we have, too. */
interface Choice {
  readonly codec: Codec;
  readonly payloadType: number;
}

/** An audio line of ours with all codecs. */
export function audioOffer({ local, codecs }: AudioAbility): MediaDescription {
  return audioLine(
    local.port,
    'sendrecv',
    codecs.map((codec) => ({ codec, payloadType: STATIC[codec] })),
  );
}

/** What comes of the far end's audio line: the stream, or why there is none. It is the same for offers and answers. */
export function readAudio(
  description: SessionDescription,
  line: MediaDescription,
  { local, codecs }: AudioAbility,
): AudioMedia | Reason {
  if (line.protocol.toUpperCase() !== PROTOCOL) return 'protocol';
  const choice = chosen(line, codecs);
  if (choice === null) return 'format';
  const remote = remoteOf(description, line, local);
  if ('reason' in remote) return remote.reason;
  return {
    kind: 'audio',
    local,
    remote: remote.endpoint,
    ...choice,
    direction: ANSWERS[directionOf(description, line)],
  };
}

/** The audio line that answers with just what was chosen. */
export function audioAnswer({ local, codec, payloadType, direction }: AudioMedia): MediaDescription {
  return audioLine(local.port, direction, [{ codec, payloadType }]);
}

function audioLine(port: number, direction: Direction, choices: readonly Choice[]): MediaDescription {
  const maps = choices.map(
    ({ codec, payloadType }): Attribute => ({ name: 'rtpmap', value: `${payloadType} ${codec}/8000` }),
  );
  return {
    kind: 'audio',
    port,
    protocol: PROTOCOL,
    formats: choices.map(({ payloadType }) => String(payloadType)),
    address: null,
    attributes: [...maps, { name: 'ptime', value: '20' }, { name: direction, value: null }],
  };
}

/** The first format of the far end that we have: it lists the best first (RFC 3264 §6.1). */
function chosen(line: MediaDescription, codecs: readonly Codec[]): Choice | null {
  for (const format of line.formats) {
    const codec = codecOf(line, format);
    const payloadType = Number(format);
    if (codec !== null && codecs.includes(codec) && payloadType <= 127) return { codec, payloadType };
  }
  return null;
}

/** What a payload type is: by its rtpmap, or by itself when it is static. */
function codecOf(line: MediaDescription, format: string): Codec | null {
  if (!/^\d{1,3}$/.test(format)) return null;
  const map = line.attributes.find(
    ({ name, value }) => name.toLowerCase() === 'rtpmap' && value?.startsWith(`${format} `),
  );
  const [coding = '', clock = '8000', channels = '1'] = (map?.value ?? '')
    .slice(format.length)
    .trim()
    .toUpperCase()
    .split('/');
  if (map === undefined) return CODECS.find((codec) => String(STATIC[codec]) === format) ?? null;
  return clock === '8000' && channels === '1' ? (CODECS.find((codec) => codec === coding) ?? null) : null;
}

/** As the far end sees it; of its line, else of the session, else both ways (RFC 8866 §6.7). */
function directionOf(description: SessionDescription, line: MediaDescription): Direction {
  for (const level of [line, description]) {
    const found = DIRECTIONS.find((direction) => attributeOf(level, direction) !== undefined);
    if (found !== undefined) return found;
  }
  return 'sendrecv';
}
