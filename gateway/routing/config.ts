import { z } from 'zod';

const route = z.strictObject({
  prefix: z.string().regex(/^\+[0-9]{0,15}$/, 'a prefix is + and digits, such as +49'),
  carriers: z.array(z.string().min(1).max(40)).min(1, 'a route names at least one carrier').max(50),
});

/** Limits of carriers by name as a setting writes them; what is left out is no limit. */
export const carrierLimitsSchema = z.record(
  z.string().min(1).max(40),
  z.strictObject({
    maxCalls: z.int().min(0).max(100_000).nullable().default(null),
    callsPerSecond: z.number().min(0.01).max(10_000).nullable().default(null),
  }),
);

/** Routes as a setting writes them; each prefix once. Whether the carriers exist is checked by `unknownCarriers`. */
export const routesSchema = z
  .array(route)
  .max(10_000)
  .refine((routes) => new Set(routes.map(({ prefix }) => prefix)).size === routes.length, {
    message: 'two routes have the same prefix',
  });
