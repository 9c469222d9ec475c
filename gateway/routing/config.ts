import { z } from 'zod';
import { parseE164 } from '../fax/number.ts';
import type { Route } from './routes.ts';
import { budgetSchema, ratesSchema } from './tariff-config.ts';
import { DAYS, minutesOf, timeText, type Window } from './windows.ts';

const carrierName = z.string().min(1).max(40);

/** A word of the operator's own for what may go over a carrier. */
const tags = z
  .array(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,39}$/, 'a tag is 1 to 40 of a–z, 0–9, dot, hyphen and underscore'))
  .max(20);

const prefix = z.string().regex(/^\+[0-9]{0,15}$/, 'a prefix is + and digits, such as +49');

const beginning = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time is written like 08:30');
const end = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time is written like 18:30, and midnight 24:00');

const window = z
  .strictObject({
    days: z
      .array(z.enum(DAYS, { error: `a day is one of ${DAYS.join(', ')}` }))
      .min(1)
      .max(7)
      .default([...DAYS]),
    from: beginning.default('00:00'),
    to: end.default('24:00'),
    zone: z.string().max(64).refine(isTimeZone, { error: 'not an IANA time zone' }),
  })
  .transform(({ days, from, to, zone }): Window => ({ days, from: minutesOf(from), to: minutesOf(to), zone }))
  .refine(({ from, to }) => from !== to && to > 0, { error: 'a window ends at another time than it begins' });

const route = z
  .strictObject({
    name: z.string().trim().min(1).max(80).optional(),
    prefix: prefix.optional(),
    prefixes: z.array(prefix).min(1, 'a list of prefixes is not empty').max(1_000).optional(),
    accounts: z
      .array(z.string().regex(/^[a-z0-9-]{1,40}$/, 'an account goes by its name'))
      .min(1, 'a list of accounts is not empty')
      .max(1_000)
      .optional(),
    windows: z.array(window).min(1, 'a list of windows is not empty').max(50).optional(),
    carriers: z.array(carrierName).min(1, 'a route names at least one carrier').max(50).optional(),
    order: z.enum(['listed', 'cheapest'], { error: 'is neither listed nor cheapest' }).default('listed'),
    tags: tags.default([]),
  })
  .refine(({ prefix: one, prefixes }) => one === undefined || prefixes === undefined, {
    error: 'a route has a prefix or prefixes, not both',
  })
  .refine(({ carriers = [] }) => new Set(carriers).size === carriers.length, { error: 'a carrier is named twice' })
  .transform(
    ({
      prefix: one,
      prefixes = [one ?? '+'],
      name,
      accounts = [],
      windows = [],
      carriers = [],
      order,
      tags: needed,
    }) => ({
      ...{ name, prefixes, accounts, windows, carriers, order, tags: needed },
    }),
  );

/** Routes as a setting writes them, in order. Whether the carriers exist is checked by `unknownCarriers`. */
export const routesSchema = z
  .array(route)
  .max(10_000)
  .transform((written, context) => {
    const routes = written.map((route, index): Route => ({ ...route, name: route.name ?? nameOf(route, index + 1) }));
    checkTogether(routes, (index, message) => context.addIssue({ code: 'custom', path: [index], message }));
    return routes;
  });

/** A route without a name is called by what it is for; not by its accounts, whose CDRs show the name to their customers. */
function nameOf({ prefixes, accounts, windows: [window] }: Omit<Route, 'name'>, place: number): string {
  const [first = '+'] = prefixes;
  const numbers = prefixes.length > 1 ? `${first} and ${prefixes.length - 1} more` : first;
  const time = window === undefined ? [] : [`${timeText(window.from)}–${timeText(window.to)}`];
  return [...(accounts.length > 0 ? [`no. ${place}:`] : []), numbers, ...time].join(' ');
}

/** A route that could never be chosen is a slip of the pen, and so are two that a CDR could not tell apart. */
function checkTogether(routes: readonly Route[], issue: (index: number, message: string) => void): void {
  const names = new Set<string>();
  const taken = new Map<string, string>();
  for (const [index, { name, prefixes, accounts, windows }] of routes.entries()) {
    if (names.has(name))
      issue(index, `two routes are called ${JSON.stringify(name)}: give one of them a name of its own`);
    names.add(name);
    for (const prefix of prefixes) {
      for (const key of accounts.length > 0 ? accounts.map((account) => `${account} ${prefix}`) : [` ${prefix}`]) {
        const before = taken.get(key);
        if (before !== undefined) {
          issue(
            index,
            `two routes have the same prefix ${prefix}: ${JSON.stringify(before)} always comes before this one`,
          );
        }
        if (windows.length === 0) taken.set(key, name);
      }
    }
  }
}

/** Limits of carriers by name as a setting writes them; what is left out is no limit. */
export const carrierLimitsSchema = z.record(
  carrierName,
  z.strictObject({
    maxCalls: z.int().min(0).max(100_000).nullable().default(null),
    callsPerSecond: z.number().min(0.01).max(10_000).nullable().default(null),
  }),
);

const number = z.string().transform((text, context) => {
  try {
    return parseE164(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'not an international number; write it as +49301234567' });
    return z.NEVER;
  }
});

/** What may go over carriers, by name; what is left out may, and shows the sender's own number. */
export const carrierPolicySchema = z.record(
  carrierName,
  z.strictObject({
    tags: tags.default([]),
    callerId: z
      .union([
        z.literal('pass'),
        number,
        z.strictObject({ only: z.array(number).min(1).max(1_000), instead: number.optional() }),
      ])
      .default('pass'),
    rates: ratesSchema.default([]),
    budget: budgetSchema.default({ day: null, month: null }),
  }),
);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
