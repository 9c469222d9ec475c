import type { UserId } from '../fax/ids.ts';
import type { Identities } from '../gateway.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdentityProvider } from '../ports/identity-provider.ts';
import type { IdentityRecords } from '../ports/identity-records.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { SessionStore } from '../ports/session-store.ts';
import { actorOf } from './actor.ts';
import { AccessError } from './errors.ts';
import type { FirstFactor } from './factor.ts';
import { createIdentityFactors } from './identity-factor.ts';
import { IdentityWatch } from './identity-watch.ts';

/** What identities at providers rest on. */
export interface IdentityParts {
  readonly providers: readonly IdentityProvider[];
  readonly accounts: AccountRecords;
  readonly identities: IdentityRecords;
  readonly sessions: SessionStore;
  /** Seals what providers are asked with, 32 bytes. */
  readonly sealKey: Uint8Array;
  /** Origins of the console; nobody is sent back elsewhere. */
  readonly origins: () => readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Users who are known by an OpenID provider, for this process. */
export interface IdentityStage {
  readonly desk: Identities;
  /** For the table of `createAccess`. */
  readonly factors: readonly FirstFactor[];
  /** Looks after sessions; where several processes do, each session is looked after by one. */
  readonly watch: Pick<IdentityWatch, 'start' | 'stop' | 'look'>;
}

export function createIdentities(parts: IdentityParts): IdentityStage {
  const { providers, accounts, identities, sessions, clock } = parts;
  const watch = new IdentityWatch(parts);
  const keep: IdentityWatch['keep'] = (...session) => watch.keep(...session);

  const named = (name: string): IdentityProvider => {
    const found = providers.find((provider) => provider.name === name);
    if (found === undefined)
      throw new AccessError('provider_unknown', 'there is no such identity provider', '/provider');
    return found;
  };
  const end = async (user: UserId): Promise<void> => {
    await sessions.endWhere({ user });
  };

  return {
    watch,
    factors: createIdentityFactors({ ...parts, keep }),
    desk: {
      providers: providers.map(({ name, title, issuer, opens }) => ({ name, title, issuer, opens })),
      doors: async () => {
        const open = providers.filter(({ opens }) => opens.admin);
        return Promise.all(
          open.map(async (one) => ({ name: one.name, title: one.title, door: (await one.door()) ?? null })),
        );
      },
      of: async (user) => (await identities.identities([user]))[0],
      async link(user, { provider, subject }, actor) {
        const { issuer, opens } = named(provider);
        const row = await accounts.accessById(user);
        if (row === undefined) throw new AccessError('user_unknown', 'no such user');
        if (!opens[row.user.realm])
          throw new AccessError('realm_mismatch', `this provider is not for users of the ${row.user.realm} realm`);
        await identities.link(user, { issuer, subject }, actorOf(actor), clock.now());
        await end(user);
      },
      async unlink(user, actor) {
        const removed = await identities.unlink(user, actorOf(actor), clock.now());
        if (removed) await end(user);
        return removed;
      },
      async loggedOut(provider, token) {
        const notice = await named(provider).loggedOut(token);
        if (notice.state !== 'logout') return notice.state;
        await watch.loggedOut(notice);
        return 'ended';
      },
    },
  };
}
