/** An amount of money: whole millionths (1e-6) of the gateway's currency, so that sums are exact. */
export type Micros = number;

/** Millionths in one unit of a currency. */
const UNIT = 1_000_000;

/** The largest amount that a setting or a request may name: a thousand million units. Sums beyond it stay exact. */
export const MOST_MONEY: Micros = 1_000_000_000 * UNIT;

/** Reads `12`, `0.0145` or `12.50`: at most six decimals, no sign, no exponent. Undefined for anything else, or too much. */
export function parseMoney(text: string): Micros | undefined {
  const [, units = '', decimals = ''] = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (units === '') return undefined;
  const micros = Number(units) * UNIT + Number(decimals.padEnd(6, '0'));
  return micros <= MOST_MONEY ? micros : undefined;
}

/** The amount as people read it: two decimals, more where they are not zero; `parseMoney` reads it back unless negative. */
export function moneyText(amount: Micros): string {
  const size = Math.abs(amount);
  const decimals = String(size % UNIT).padStart(6, '0');
  const shown = decimals.slice(0, 2) + decimals.slice(2).replace(/0+$/, '');
  return `${amount < 0 ? '-' : ''}${Math.floor(size / UNIT)}.${shown}`;
}
