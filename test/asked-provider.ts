import type {
  IdentityProvider,
  LogoutNotice,
  Standing,
  Unvouched,
  Vouched,
} from '../gateway/ports/identity-provider.ts';

/** An identity provider whose answers a test writes. */
export interface AskedProvider extends IdentityProvider {
  /** What it was asked again with, in this order. */
  readonly tickets: string[];
  code: Vouched | Unvouched;
  token: Vouched | Unvouched;
  standing: Standing;
  notice: LogoutNotice | Unvouched;
}

/** Vouches for everybody as `ann`, an operator, until it is told otherwise; asked every 30 s, silent for ten minutes at most. */
export function askedProvider(change: Partial<Vouched> = {}): AskedProvider {
  const issuer = 'https://login.example.org';
  const ann: Vouched = {
    ...{ state: 'vouched', identity: { issuer, subject: 'ann' }, sid: 'p-1', name: 'ann', provenAt: 0 },
    ...{ rank: { role: 'operator', account: null }, ticket: 'first', until: null },
    ...change,
  };
  const provider: AskedProvider = {
    ...{ name: 'corp', title: 'Corp', issuer, opens: { admin: true, api: true }, every: 30_000, grace: 600_000 },
    tickets: [],
    code: ann,
    token: { ...ann, rank: 'own' },
    standing: { state: 'stands', ticket: 'next', rank: ann.rank, until: ann.until },
    notice: { state: 'logout', issuer, subject: 'ann', sid: null, at: 0 },
    door: async () => undefined,
    redeem: async () => provider.code,
    claims: (token) => token.startsWith('corp.'),
    accept: async () => provider.token,
    ask: async (ticket) => {
      provider.tickets.push(ticket);
      return provider.standing;
    },
    loggedOut: async () => provider.notice,
  };
  return provider;
}
