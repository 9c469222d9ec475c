// The full metadata: the smaller editions do not tell premium-rate numbers from others.
import {
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import type { Destination, DestinationClass, LineType, Place } from '../fax/destination.ts';
import type { E164 } from '../fax/number.ts';
import { specialRange } from './special-ranges.ts';

type NumberType = NonNullable<ReturnType<PhoneNumber['getType']>>;

/** Types of numbering plans that are dear. A service at shared cost pays a part to whoever is called. */
const CLASSES: Readonly<Partial<Record<NumberType, DestinationClass>>> = {
  PREMIUM_RATE: 'premium',
  SHARED_COST: 'revenue_share',
};

/** Types that say of what kind the line is. North America does not tell its mobile numbers from others. */
const LINES: Readonly<Partial<Record<NumberType, LineType>>> = {
  MOBILE: 'mobile',
  PAGER: 'mobile',
  FIXED_LINE: 'landline',
  VOIP: 'voip',
};

/** Digits beyond the end of a number that exchanges ignore, and that would hide its class from its numbering plan. */
const OVERDIALLED = 6;

/** Looks at `number` by the numbering plans of its country. Any number has an answer; none is an error. */
export function destinationOf(number: E164): Destination {
  const parsed = parsePhoneNumberFromString(number);
  const type = parsed?.getType();
  return {
    place: placeOf(number, parsed),
    class: kindOf(number, parsed, type),
    line: (type === undefined ? undefined : LINES[type]) ?? 'unknown',
  };
}

/** A freephone number costs its caller nothing, whatever range it seems to lie in: exchange 976 behind an 800. */
function kindOf(number: E164, parsed: PhoneNumber | undefined, type: NumberType | undefined): DestinationClass | null {
  if (type === 'TOLL_FREE') return null;
  return specialRange(number)?.class ?? classOf(type) ?? (parsed?.isValid() ? null : hiddenClass(number));
}

function classOf(type: NumberType | undefined): DestinationClass | null {
  return (type === undefined ? undefined : CLASSES[type]) ?? null;
}

/** A number that its plan does not know may be a dear one with digits at its end that nobody reads. */
function hiddenClass(number: E164): DestinationClass | null {
  for (let digits = 1; digits <= OVERDIALLED; digits++) {
    const found = classOf(parsePhoneNumberFromString(number.slice(0, -digits))?.getType());
    if (found !== null) return found;
  }
  return null;
}

function placeOf(number: E164, parsed: PhoneNumber | undefined): Place {
  const code = parsed?.countryCallingCode ?? callingCode(number);
  return (parsed?.country ?? `+${code}`) as string as Place;
}

/** Calling codes that no country has: ITU-T E.164 annex A (global services, networks, groups of countries). */
const WITHOUT_COUNTRY: readonly string[] = ['800', '808', '870', '878', '881', '882', '883', '888', '979'];

const CODES: ReadonlySet<string> = new Set([
  ...getCountries().map((country): string => getCountryCallingCode(country)),
  ...WITHOUT_COUNTRY,
]);

/** E.164 §6.2.1: codes are prefix-free and have one to three digits; an unassigned one is taken for three. */
function callingCode(number: E164): string {
  const [one, two, three] = [number.slice(1, 2), number.slice(1, 3), number.slice(1, 4)];
  return [one, two].find((code) => CODES.has(code)) ?? three;
}

/** Whether there is a country, or a calling code, of this name. */
export function isKnownPlace(place: Place): boolean {
  return place.startsWith('+') ? CODES.has(place.slice(1)) : isSupportedCountry(place);
}
