/**
 * Facsimile control fields (T.30 §5.3.6.1), in order of transmission and without the X bit, which is the first one of all
 * but the initial identification (0000 XXXX) and the commands to send (1000 XXXX).
 */
const CODES = {
  // Initial identification, §5.3.6.1.1
  DIS: 0b0000_0001,
  CSI: 0b0000_0010,
  NSF: 0b0000_0100,
  // Commands to send, §5.3.6.1.2
  DTC: 0b1000_0001,
  CIG: 0b1000_0010,
  PWD: 0b1000_0011,
  NSC: 0b1000_0100,
  SEP: 0b1000_0101,
  PSA: 0b1000_0110,
  CIA: 0b1000_0111,
  ISP: 0b1000_1000,
  // Commands to receive, §5.3.6.1.3
  DCS: 0b0100_0001,
  TSI: 0b0100_0010,
  SUB: 0b0100_0011,
  NSS: 0b0100_0100,
  SID: 0b0100_0101,
  TSA: 0b0100_0110,
  IRA: 0b0100_0111,
  CTC: 0b0100_1000,
  // Pre-message responses, §5.3.6.1.4
  CFR: 0b0010_0001,
  FTT: 0b0010_0010,
  CTR: 0b0010_0011,
  CSA: 0b0010_0100,
  // Post-message commands, §5.3.6.1.6
  EOM: 0b0111_0001,
  MPS: 0b0111_0010,
  EOR: 0b0111_0011,
  EOP: 0b0111_0100,
  RR: 0b0111_0110,
  EOS: 0b0111_1000,
  'PRI-EOM': 0b0111_1001,
  'PRI-MPS': 0b0111_1010,
  'PRI-EOP': 0b0111_1100,
  PPS: 0b0111_1101,
  // Post-message responses, §5.3.6.1.7
  MCF: 0b0011_0001,
  RTN: 0b0011_0010,
  RTP: 0b0011_0011,
  PIN: 0b0011_0100,
  PIP: 0b0011_0101,
  PID: 0b0011_0110,
  RNR: 0b0011_0111,
  ERR: 0b0011_1000,
  PPR: 0b0011_1101,
  FDM: 0b0011_1111,
  // Other line control signals, §5.3.6.1.8
  FNV: 0b0101_0011,
  TR: 0b0101_0110,
  TNR: 0b0101_0111,
  CRP: 0b0101_1000,
  DCN: 0b0101_1111,
} as const;

/** A signal by the name that T.30 gives it. */
export type Fcf = keyof typeof CODES;

/** Every name, in the order of the table. */
export const FCFS = Object.keys(CODES) as readonly Fcf[];

const NAMES: ReadonlyMap<number, Fcf> = new Map(FCFS.map((name) => [CODES[name], name]));

const X = 0x80;
/** The bits that tell the groups without an X bit from the others. */
const GROUP = 0x70;

const hasX = (octet: number) => (octet & GROUP) !== 0;

/** The octet of a signal; `x`: 1 from the station that has received DIS, 0 from the one that has sent it (§5.3.6.1). */
export function fcfOctet(fcf: Fcf, x: boolean): number {
  const code = CODES[fcf];
  return x && hasX(code) ? code | X : code;
}

/** The signal of an octet, whatever its X bit says; null for one that T.30 does not know. */
export function fcfOf(octet: number): Fcf | null {
  return NAMES.get(hasX(octet) ? octet & ~X : octet) ?? null;
}
