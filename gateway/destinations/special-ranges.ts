import type { DestinationClass } from '../fax/destination.ts';

/** Numbers that are dear wherever they are called from. */
export interface SpecialRange {
  /** How such numbers begin: digits after the `+`; `.` stands for any digit. */
  readonly pattern: string;
  readonly class: DestinationClass;
  readonly what: string;
  readonly source: string;
}

const E164_LIST =
  'ITU-T, List of Recommendation E.164 assigned country codes, annex to Operational Bulletin 1114 (2016)';
const NETWORKS = `${E164_LIST}, note on shared codes: identification codes of international networks`;

/**
 * Ranges that national plans do not tell of, or not so that a program can read it. The classes of numbers within a country
 * (premium rate, shared cost) come with the numbering plans of libphonenumber. There is no public list of numbers that
 * pay whoever is called (IRSF): they are rented by the thousand and change from week to week. What can be named are
 * the codes that are sold for it as a whole; against the rest stand approvals of countries and caps.
 */
export const SPECIAL_RANGES: readonly SpecialRange[] = [
  { pattern: '870', class: 'satellite', what: 'Inmarsat', source: E164_LIST },
  { pattern: '871', class: 'satellite', what: 'Inmarsat, Atlantic East until 2008', source: E164_LIST },
  { pattern: '872', class: 'satellite', what: 'Inmarsat, Pacific until 2008', source: E164_LIST },
  { pattern: '873', class: 'satellite', what: 'Inmarsat, Indian Ocean until 2008', source: E164_LIST },
  { pattern: '874', class: 'satellite', what: 'Inmarsat, Atlantic West until 2008', source: E164_LIST },
  {
    pattern: '881',
    class: 'satellite',
    what: 'global mobile satellite systems (Iridium, Globalstar)',
    source: E164_LIST,
  },
  { pattern: '88213', class: 'satellite', what: 'EMSAT', source: NETWORKS },
  { pattern: '88216', class: 'satellite', what: 'Thuraya', source: NETWORKS },
  { pattern: '878', class: 'revenue_share', what: 'universal personal telecommunication', source: 'ITU-T E.168' },
  { pattern: '882', class: 'revenue_share', what: 'international networks', source: NETWORKS },
  { pattern: '883', class: 'revenue_share', what: 'international networks', source: NETWORKS },
  { pattern: '808', class: 'revenue_share', what: 'international shared cost service', source: 'ITU-T E.169.3' },
  { pattern: '979', class: 'premium', what: 'international premium rate service', source: 'ITU-T E.169.2' },
  {
    pattern: '1...976',
    class: 'premium',
    what: 'information delivery services of North America',
    source: 'ATIS-0300051, Central Office Code Assignment Guidelines: codes of special use',
  },
  {
    pattern: '4470',
    class: 'revenue_share',
    what: 'personal numbers of the United Kingdom',
    source: 'Ofcom, National Telephone Numbering Plan, part A: 070',
  },
];

/** The narrowest range that `number` lies in. */
export function specialRange(number: string): SpecialRange | undefined {
  let found: SpecialRange | undefined;
  for (const range of SPECIAL_RANGES) {
    if (range.pattern.length > (found?.pattern.length ?? 0) && begins(number, range.pattern)) found = range;
  }
  return found;
}

function begins(number: string, pattern: string): boolean {
  return [...pattern].every((wanted, index) => wanted === '.' || wanted === number[index + 1]);
}
