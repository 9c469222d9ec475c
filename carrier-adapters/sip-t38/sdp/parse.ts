import type { Attribute, MediaDescription, SessionDescription } from './description.ts';

/** Characters of the longest description that is read. */
const MAX_LENGTH = 16_384;
const MAX_LINES = 512;
const MAX_MEDIA = 16;
const MAX_FORMATS = 64;
/** Attributes of one section; further ones are passed over. */
const MAX_ATTRIBUTES = 64;
/** token of RFC 8866 §9, but for a dot that separates nothing. */
const TOKEN = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]{1,64}$/;
const PROTOCOL = /^[!#$%&'*+\-./0-9A-Z^_`a-z{|}~]{1,64}$/;
const PORT = /^(\d{1,5})(?:\/\d{1,5})?$/;

interface Section {
  address: string | null;
  readonly attributes: Attribute[];
}

interface MediaSection extends Section {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
}

/**
 * Reads a session description (RFC 8866), in time linear in its length. null: none, too long, or its media lines cannot
 * be told apart; whatever else is odd is passed over, for real peers are.
 */
export function parseSdp(sdp: string): SessionDescription | null {
  if (sdp.length > MAX_LENGTH) return null;
  const lines = sdp.split(/\r\n|\n|\r/);
  if (lines.length > MAX_LINES || lines[0]?.trim() !== 'v=0') return null;
  const session: Section = { address: null, attributes: [] };
  const media: MediaSection[] = [];
  let origin: readonly string[] = [];
  for (const line of lines) {
    const value = line.slice(2).trim();
    if (line.startsWith('m=')) {
      const section = mediaSection(value);
      if (section === null || media.length === MAX_MEDIA) return null;
      media.push(section);
    } else if (line.startsWith('o=') && media.length === 0) origin = value.split(/ +/, 6);
    else readLine(line, value, media.at(-1) ?? session);
  }
  return { id: origin[1] ?? '', version: origin[2] ?? '', ...session, media };
}

function readLine(line: string, value: string, section: Section): void {
  if (line.startsWith('c=')) section.address ??= connection(value);
  else if (line.startsWith('a=') && section.attributes.length < MAX_ATTRIBUTES)
    section.attributes.push(attribute(value));
}

/** `audio 5004 RTP/AVP 0 8`; a number of ports is passed over (RFC 8866 §5.14). */
function mediaSection(value: string): MediaSection | null {
  const [kind = '', portText = '', protocol = '', ...formats] = value.split(/[ \t]+/, MAX_FORMATS + 3);
  const port = Number(PORT.exec(portText)?.[1] ?? -1);
  const known =
    TOKEN.test(kind) && PROTOCOL.test(protocol) && formats.length > 0 && formats.every((one) => TOKEN.test(one));
  if (!known || port < 0 || port > 65_535) return null;
  return { kind: kind.toLowerCase(), port, protocol, formats, address: null, attributes: [] };
}

/** `IN IP4 192.0.2.1/127`: the address without the hops of multicast. */
function connection(value: string): string | null {
  const [network, , address] = value.split(/ +/, 3);
  return network?.toUpperCase() === 'IN' && address !== undefined ? (address.split('/', 1)[0] ?? null) : null;
}

function attribute(value: string): Attribute {
  const colon = value.indexOf(':');
  if (colon < 0) return { name: value, value: null };
  return { name: value.slice(0, colon).trim(), value: value.slice(colon + 1).trim() };
}

/** The first attribute of that name, written in whatever case; undefined: none. Its value is '' for a flag. */
export function attributeOf({ attributes }: Pick<MediaDescription, 'attributes'>, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = attributes.find((one) => one.name.toLowerCase() === wanted);
  return found === undefined ? undefined : (found.value ?? '');
}
