/**
 * What the API answers, as plain types: the package needs no schema library. A test holds them against the schemas of
 * the server. Times are ISO 8601 in UTC; ids are opaque.
 */
export type * from './types/account.ts';
export type * from './types/call.ts';
export type * from './types/carrier.ts';
export type * from './types/cover.ts';
export type * from './types/event.ts';
export * from './types/fax.ts';
export type * from './types/gateway.ts';
export type * from './types/key.ts';
export type * from './types/mail.ts';
export type * from './types/number.ts';
export type * from './types/report.ts';
export type * from './types/route.ts';
export type * from './types/sign-in.ts';
export type * from './types/user.ts';
export type * from './types/webhook.ts';
