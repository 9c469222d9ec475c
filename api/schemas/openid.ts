import { z } from 'zod';
import { Time, UserIdText } from './shape.ts';

/** How administrators come in by an OpenID provider. All of it is public. */
export const DoorView = z.object({
  name: z.string(),
  title: z.string(),
  /** Where a browser is sent (OpenID Connect Core §3.1.2.1); null while the provider does not answer. */
  door: z
    .object({
      authorizationEndpoint: z.string(),
      clientId: z.string(),
      scope: z.string(),
      /** Classes of authentication to ask for, separated by spaces; empty: none. */
      acrValues: z.string(),
    })
    .nullable(),
});
export type DoorView = z.infer<typeof DoorView>;

export const DoorList = z.object({ items: z.array(DoorView) });

/** A provider of the settings. */
export const ProviderView = z.object({
  name: z.string(),
  title: z.string(),
  issuer: z.string(),
  /** Whether administrators sign in by it, and API users bring its tokens. */
  opens: z.object({ admin: z.boolean(), api: z.boolean() }),
});
export type ProviderView = z.infer<typeof ProviderView>;

export const ProviderList = z.object({ items: z.array(ProviderView) });

/** Who a user is at a provider: issuer and subject together. */
export const IdentityBody = z.object({
  /** Name of a provider of the settings. */
  provider: z.string().min(1).max(32),
  /** `sub` of its tokens. */
  subject: z.string().min(1).max(255),
});
export type IdentityBody = z.input<typeof IdentityBody>;

export const IdentityView = z.object({
  user: UserIdText,
  /** Name of the provider; null when the settings do not have it any more. */
  provider: z.string().nullable(),
  issuer: z.string(),
  subject: z.string(),
  createdAt: Time,
});
export type IdentityView = z.infer<typeof IdentityView>;

/** A user has one identity or none. */
export const IdentityOf = z.object({ identity: IdentityView.nullable() });
