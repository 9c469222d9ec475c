import { z } from 'zod';
import type { SipHost, Trunk } from './sip/agent/trunk.ts';

const seconds = (min: number, max: number) => z.number().min(min).max(max);
const name = z.string().regex(/^[a-z0-9-]{1,40}$/, 'write 1 to 40 of a–z, 0–9 and hyphen');
const address = z.union([z.ipv4(), z.ipv6()], { error: 'is not an IP address' });
const transport = z.enum(['udp', 'tcp', 'tls']);
const secret = z.string().min(1).max(256);
const user = z.string().regex(/^[\w+.!~*'()&=$,;?/%-]{1,128}$/, 'is not the user part of a SIP address');

/** `host`, `host:port` or `[IPv6]:port`. */
const host = z.string().transform((text, context): SipHost => {
  const match = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9_.-]{1,253}))(?::([0-9]{1,5}))?$/.exec(text);
  const [, v6, plain, digits] = match ?? [];
  const written = v6 ?? plain;
  const number = digits === undefined ? null : Number(digits);
  if (
    written === undefined ||
    (v6 !== undefined && !z.ipv6().safeParse(v6).success) ||
    (number !== null && (number < 1 || number > 65_535))
  ) {
    context.addIssue({ code: 'custom', message: 'write a host, host:port or [IPv6]:port' });
    return z.NEVER;
  }
  return { host: written, port: number };
});

const peer = z.union([address, z.cidrv4(), z.cidrv6()], { error: 'is neither an IP address nor a CIDR range' });

const credentials = z.strictObject({ username: z.string().min(1).max(128), password: secret });

const trunkSchema = z
  .strictObject({
    name,
    server: host,
    transport: transport.default('udp'),
    outboundProxy: host.nullable().default(null),
    username: z.string().min(1).max(128).optional(),
    password: secret.optional(),
    /** Registered trunk; `false`: the provider knows our address. */
    register: z
      .union([
        z.boolean(),
        z.strictObject({
          expires: z.int().min(60).max(86_400).default(300),
          contactUser: user.optional(),
          keepAlive: z.int().min(0).max(300).default(25),
        }),
      ])
      .default(false),
    fromDomain: z.string().min(1).max(253).nullable().default(null),
    user: user.optional(),
    numberFormat: z.enum(['plus', 'digits', 'double_zero']).default('plus'),
    /** Put before numbers of inbound calls that are neither `+…` nor `00…`, after their leading zeros. */
    inboundPrefix: z
      .string()
      .regex(/^\+[0-9]{0,14}$/, 'write + and digits')
      .default('+'),
    /** The number of a registered trunk whose provider calls our Contact by its user, not by the called number. */
    number: z
      .string()
      .regex(/^\+[1-9][0-9]{6,14}$/, 'write an international number, +49301234567')
      .nullable()
      .default(null),
    /** Where the calling number is told: user of From, P-Asserted-Identity, both, or nowhere. */
    callerId: z.enum(['from', 'identity', 'both', 'none']).default('from'),
    /** Seconds between two OPTIONS to a trunk that is not registered (RFC 3261 §11), which show whether it lives; 0: none. */
    probe: z.int().min(0).max(3_600).default(60),
    peers: z.array(peer).max(64).default([]),
    inboundAuth: credentials.nullable().default(null),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    message: 'username and password belong together',
    path: ['password'],
  })
  .refine(({ register, username }) => register === false || username !== undefined, {
    message: 'a registered trunk needs username and password',
    path: ['username'],
  });

const listenSchema = z.strictObject({
  transport: transport.default('udp'),
  address: address.default('0.0.0.0'),
  /** 0 takes a free one. */
  port: z.int().min(0).max(65_535).default(5_060),
  /** TLS: our certificate chain and key, PEM; without them connections only go out. */
  certificate: z.string().optional(),
  key: z.string().optional(),
});

const mediaSchema = z.strictObject({
  address: address.default('0.0.0.0'),
  /** First and last port; the even ones are used, one for each call. 0, 0 takes free ones. */
  ports: z
    .tuple([z.int().min(0).max(65_534), z.int().min(0).max(65_535)])
    .refine(([first, last]) => (first === 0 && last === 0) || (first >= 1_024 && last > first), 'is no range of ports')
    .default([40_000, 40_999]),
  /** Takes media from the address that it comes from instead of the one that the far side names, once for each call. */
  latch: z.boolean().default(false),
});

const t38Schema = z.strictObject({
  /** Seconds that a caller waits for the far side's re-INVITE before it sends its own. */
  wait: seconds(1, 30).default(5),
  /** Seconds after its answer in which an answerer sends its re-INVITE at the latest. */
  answerWait: seconds(0, 10).default(3),
  maxBitRate: z.union([2_400, 4_800, 7_200, 9_600, 12_000, 14_400].map((rate) => z.literal(rate))).default(14_400),
  /**
   * `gateway`: the times of a modem. `agreed`: as fast as packets go where DIS and DCS say that both ends are Internet-aware.
   * `internet`: so in any case; only where the far end is known to be no gateway.
   */
  pace: z.enum(['gateway', 'agreed', 'internet']).default('gateway'),
  errorCorrection: z.enum(['redundancy', 'fec', 'none']).default('redundancy'),
  /** Packets before that are sent again with each one. */
  redundancy: z.int().min(1).max(7).default(3),
  /** FEC messages in a packet, and packets that each of them covers. */
  fec: z
    .strictObject({ entries: z.int().min(1).max(5).default(3), span: z.int().min(1).max(5).default(3) })
    .prefault({}),
});

/** Settings of one SIP carrier, checked; README.md of this folder explains them with examples. */
export const sipT38ConfigSchema = z.strictObject({
  kind: z.literal('sip-t38'),
  /** Name in routes, calls and CDRs. */
  name,
  trunks: z
    .array(trunkSchema)
    .min(1)
    .max(50)
    .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'two trunks have the same name'),
  /** Whether calls begin at one trunk after the other; otherwise the first one that works takes them all. */
  inTurn: z.boolean().default(false),
  listen: z.array(listenSchema).min(1).max(8).prefault([{}]),
  /** What the world sees in place of the listening and media addresses: behind NAT, or with a wildcard address. */
  publicAddress: address.nullable().default(null),
  media: mediaSchema.prefault({}),
  /** CSI of calls that come in (empty: the called number), and TSI where the account names none. */
  stationId: z
    .string()
    .regex(/^[0-9+ ]{0,20}$/, 'write at most 20 digits, + and spaces')
    .default(''),
  t38: t38Schema.prefault({}),
  /** Whether ECM may be used at all. */
  ecm: z.boolean().default(true),
  /** Codings of the audio before T.38, in order of preference. */
  codings: z
    .array(z.enum(['PCMU', 'PCMA']))
    .min(1)
    .max(2)
    .default(['PCMU', 'PCMA']),
  /** Seconds that a placed call may ring. */
  ringTime: seconds(10, 300).default(60),
  /** RFC 4028; null: session timers only as the peer wants them. */
  sessionExpires: z.int().min(90).max(86_400).nullable().default(1_800),
  /** Incoming calls at once; more are answered 503. */
  maxIncoming: z.int().min(0).max(10_000).default(60),
  /** CA certificates (PEM) for TLS trunks in place of the public ones. */
  authorities: z.string().optional(),
});
export type SipT38Config = z.infer<typeof sipT38ConfigSchema>;
export type TrunkConfig = SipT38Config['trunks'][number];
export type ListenConfig = SipT38Config['listen'][number];

/** User part of our Contact at a trunk, by which it calls us. */
export function contactUserOf({ user, username, register }: TrunkConfig): string {
  const named = typeof register === 'object' ? register.contactUser : undefined;
  return named ?? user ?? username ?? 'sealfax';
}

/** A trunk as the user agent knows it. */
export function trunkOf(config: TrunkConfig): Trunk {
  const { username, password, register } = config;
  const options = register === true ? { expires: 300, keepAlive: 25 } : register;
  return {
    name: config.name,
    server: config.server,
    transport: config.transport,
    outboundProxy: config.outboundProxy,
    credentials: username === undefined || password === undefined ? null : { username, password },
    register:
      options === false
        ? null
        : { expires: options.expires, contactUser: contactUserOf(config), keepAlive: options.keepAlive },
    fromDomain: config.fromDomain,
    user: config.user ?? username ?? 'sealfax',
    numberFormat: config.numberFormat,
    callerId: config.callerId,
    peers: config.peers,
    inboundAuth: config.inboundAuth,
  };
}
