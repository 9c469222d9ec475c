import { COMMON_PASSWORDS } from './common-passwords.ts';
import { AccessError } from './errors.ts';

/**
 * NIST SP 800-63B-4 §3.1.1.2: length is what counts. 15 characters where a password stands alone, 8 where a code is asked
 * for beside it; no rules of composition. A passkey needs no password, so that a short one beside it would be the weaker
 * door of the two and is not taken. Characters are code points; the upper bound, in octets of UTF-8, limits hashing.
 */
export const PASSWORD_LENGTH = { alone: 15, withCode: 8, octets: 1_024 };

/**
 * Of so many parts a password has to be made: a common word, a walk over the keyboard, a repetition, a year count one,
 * and every other character too. `Summer2026!` has three.
 */
const LEAST_PARTS = 6;
/** Rows of keyboards (QWERTY, QWERTZ, AZERTY, columns of QWERTY), digits and the alphabet. */
const ROWS = [
  ...['qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiopu', 'yxcvbnm', 'azertyuiop', 'qsdfghjklm', 'wxcvbn'],
  ...['qazwsxedcrfvtgbyhnujmikolp', 'qayxswedcvfrtgbnhzujmkiolp', '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p'],
  ...['01234567890', 'abcdefghijklmnopqrstuvwxyz'],
];
const WALKS: readonly string[] = ROWS.flatMap((row) => [row, [...row].reverse().join('')]);
/** Characters that people write for letters. */
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};
/** Of the longest root, and of the names that a password may hold. */
const LONGEST_WORD = 64;

/** Whose password it is to be. */
export interface PasswordHolder {
  /** User name. */
  readonly name: string;
  /** Account name; null for administrators. */
  readonly account: string | null;
  /** Whether log-ins of the user need a code. */
  readonly totp: boolean;
}

/** A password that may be hashed. */
export interface GoodPassword {
  /** In NFC, so that it is the same from every keyboard. */
  readonly text: string;
  /** Whether it may stand without a code. */
  readonly alone: boolean;
}

/** The one place that says which passwords are taken, whoever sets them. @throws AccessError password_weak */
export function checkPassword(password: string, holder: PasswordHolder): GoodPassword {
  const text = password.normalize('NFC');
  const length = [...text].length;
  const { alone, withCode, octets } = PASSWORD_LENGTH;
  const least = holder.totp ? withCode : alone;
  if (text.startsWith('sfk_')) throw weak('a password does not begin with sfk_: API secrets do');
  if (length < least)
    throw weak(
      `a password has ${least} characters or more${holder.totp ? '' : `; ${withCode} for a user with an authenticator`}`,
    );
  if (Buffer.byteLength(text) > octets) throw weak(`a password has ${octets} octets or fewer`);
  if (partsOf(text, namesOf(holder)) < LEAST_PARTS)
    throw weak(
      'the password is too easy to guess: common words, names, years, repetitions and rows of keys count little',
    );
  return { text, alone: length >= alone };
}

function weak(reason: string): AccessError {
  return new AccessError('password_weak', reason, '/password');
}

/** Names that everybody who knows the user tries first. */
function namesOf({ name, account }: PasswordHolder): ReadonlySet<string> {
  const words = `${name} ${account ?? ''}`.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return new Set(words.filter((word) => word.length >= 3));
}

/**
 * How many parts a password is made of. At each place the longest known thing is taken; what has stood before counts
 * nothing, and neither do spaces.
 */
export function partsOf(password: string, names: ReadonlySet<string>): number {
  const text = [...password.toLowerCase()];
  const seen = new Set<string>();
  let parts = 0;
  for (let at = 0; at < text.length; ) {
    const length = Math.max(1, wordAt(text, at, names), walkAt(text, at), repetitionAt(text, at), yearAt(text, at));
    const part = text.slice(at, at + length).join('');
    at += length;
    if (/^\s$/u.test(part) || (length > 1 && seen.has(part))) continue;
    seen.add(part);
    parts++;
  }
  return parts;
}

/** Length of the longest common word or name that begins at `at`, whatever stands for its letters; 0 when none does. */
function wordAt(text: readonly string[], at: number, names: ReadonlySet<string>): number {
  const stretch = text.slice(at, at + LONGEST_WORD);
  const plain = stretch.map((one) => LEET[one] ?? one).join('');
  const written = stretch.join('');
  for (let length = stretch.length; length >= 3; length--) {
    const [word, raw] = [plain.slice(0, length), written.slice(0, length)];
    if (COMMON_PASSWORDS.has(word) || names.has(raw) || names.has(word)) return length;
  }
  return 0;
}

/** Length of the longest walk over neighbouring keys, digits or letters, of three or more. */
function walkAt(text: readonly string[], at: number): number {
  let length = 0;
  while (at + length < text.length) {
    const walk = text.slice(at, at + length + 1).join('');
    if (!WALKS.some((row) => row.includes(walk))) break;
    length++;
  }
  return length >= 3 ? length : 0;
}

/** Length of a repetition of one to four characters: `aaa`, `abab`, `123123`. */
function repetitionAt(text: readonly string[], at: number): number {
  let longest = 0;
  for (let period = 1; period <= 4; period++) {
    let length = period;
    while (at + length < text.length && text[at + length] === text[at + length - period]) length++;
    if (length >= Math.max(3, 2 * period)) longest = Math.max(longest, length);
  }
  return longest;
}

/** Length of a year or a date of eight digits. */
function yearAt(text: readonly string[], at: number): number {
  const date = /^(?:(?:19|20)\d\d(?:(?:0\d|1[0-2])(?:[0-2]\d|3[01]))?|(?:[0-2]\d|3[01])(?:0\d|1[0-2])(?:19|20)\d\d)/;
  return date.exec(text.slice(at, at + 8).join(''))?.[0].length ?? 0;
}
