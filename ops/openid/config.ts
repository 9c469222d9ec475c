import { z } from 'zod';
import { ROLES } from '../../gateway/fax/role.ts';

/** Everything on this machine may be asked without TLS: tests, and a provider behind a tunnel. */
const LOOPBACK = /^(localhost|\[::1\]|127(\.[0-9]{1,3}){3})$/;

/** Whether the gateway may speak to `url` about who somebody is. */
export function isProviderUrl(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
}

const text = (most: number) => z.string().trim().min(1).max(most);

/** OpenID Connect Discovery §3: https, without query and fragment. Kept as written: issuers are compared as text. */
const issuer = z
  .string()
  .max(2_048)
  .refine(
    (value) => {
      const url = URL.canParse(value) ? new URL(value) : undefined;
      const plain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
      return url !== undefined && plain && isProviderUrl(url);
    },
    { error: 'write the issuer as an https URL without user, query or fragment' },
  );

/** A claim by its name, or the names that lead to it, the outermost first. */
const claim = z.union([text(200), z.array(text(200)).min(1).max(8)]);

const rule = z.strictObject({
  /** A member of the claim, or the claim itself. */
  value: text(400),
  role: z.enum(ROLES),
  /** Name of the one account that it is for. */
  account: text(40).optional(),
});

/** One provider as `SEALFAX_OIDC` describes it. */
export const providerSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'is not 1 to 32 of a–z, 0–9 and hyphen'),
    title: text(60).optional(),
    issuer,
    clientId: text(400),
    /** Left out: a public client, which PKCE alone protects. */
    secret: text(1_000).optional(),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/))
      .max(20)
      .refine((scopes) => scopes.includes('openid'), { error: 'openid is missing' })
      .default(['openid', 'profile']),
    /** Classes of authentication of which one has to be met; asked for in this order. */
    acr: z.array(text(200)).max(10).default([]),
    /** Where claims come from. */
    claims: z.enum(['id_token', 'userinfo']).default('id_token'),
    nameClaim: claim.default('preferred_username'),
    roleClaim: claim.default('roles'),
    /** The first that fits gives the rank; without any, administrators keep what owners gave them. */
    roles: z.array(rule).max(200).default([]),
    /** Who is in none of these groups is nobody here. */
    groups: z.strictObject({ claim: claim.default('groups'), any: z.array(text(400)).min(1).max(200) }).optional(),
    /** Whether administrators come in by it. */
    administrators: z.boolean().default(true),
    /** What tokens of API users must be made out for; left out: it has none. */
    audience: text(400).optional(),
    /** Whether tokens of API users are asked about where the provider offers that: by RFC 7662, else by UserInfo. */
    introspect: z.boolean().default(true),
    /** Seconds between two questions whether a session may go on: with the time of an answer below the minute that is promised. */
    recheckSeconds: z.int().min(1).max(35).default(30),
    /** Seconds for which sessions go on while the provider is silent. */
    graceSeconds: z.int().min(0).max(3_600).default(600),
  })
  .refine(({ scopes }) => scopes.join(' ').length <= 1_000, { error: 'the scopes are too long', path: ['scopes'] })
  .refine(({ roles }) => roles.every(({ role, account }) => role !== 'owner' || account === undefined), {
    error: 'an owner is never bound to an account',
    path: ['roles'],
  });

/** A provider's settings, checked. */
export type ProviderConfig = z.output<typeof providerSchema>;

/** `SEALFAX_OIDC`: names and issuers are unique, so that an identity belongs to one of them. */
export const providersSchema = z
  .array(providerSchema)
  .max(16)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, { error: 'two have the same name' })
  .refine((all) => new Set(all.map(({ issuer: of }) => of)).size === all.length, { error: 'two have the same issuer' });
