import { apiSecretVerifier, constantTimeEqual } from '../../crypto/index.ts';
import type { Access, LoginAttempt, Principal } from '../gateway.ts';
import type { AccessRow, AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLedger } from '../ports/event-ledger.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { Session, SessionLogin, SessionStore } from '../ports/session-store.ts';
import { allowed } from './cidr.ts';
import { createCredentials } from './credentials.ts';
import { AccessError } from './errors.ts';
import type { FirstFactor } from './factor.ts';
import { allowsSuite, deviceMark, refusesInterception, tlsIntercepted } from './login.ts';
import { createLoginTries } from './login-tries.ts';
import { createPasskeyChallenges } from './passkey-challenge.ts';
import { createPasskeyFactor } from './passkey-factor.ts';
import { createPasskeyDesk } from './passkeys.ts';
import { createProofs, type Proof } from './proof.ts';
import { createRecoveryFactor } from './recovery.ts';
import { createRefusedKeys } from './refused-keys.ts';
import { createRevocation, type Revocation } from './revocation.ts';
import { accessStamp, createAccessRows, sessionHolds } from './rows.ts';
import { createSecretFactors } from './secrets.ts';
import { createCodeFactor } from './totp.ts';
import { createUserChanges } from './user-changes.ts';
import { createWrongCodes } from './wrong-codes.ts';

/** What access rests on. */
export interface AccessParts {
  readonly accounts: AccountRecords;
  readonly sessions: SessionStore;
  readonly events: Pick<EventLedger, 'append'>;
  /** Key of the HMAC that API secrets are stored under, 32 bytes. */
  readonly serverKey: Uint8Array;
  /** Seals TOTP secrets in the records, 32 bytes. */
  readonly sealKey: Uint8Array;
  /** SHA-256 (base64url) of the TLS leaf certificates that clients may rightly see; empty when not known. */
  readonly tlsLeaves: () => readonly string[];
  /** CIDR rules for all administrators, beside their own; from anywhere when empty or left out. */
  readonly adminCidrs?: readonly string[];
  /** Origins (scheme, host, port) of the console, which passkeys are bound to; nobody has one when left out. */
  readonly consoleOrigins?: () => readonly string[];
  /** Ways to log in beside secrets, passwords and client keys. */
  readonly factors?: readonly FirstFactor[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The stage, and what its process does about the changes of others. */
export interface AccessStage extends Access, Pick<Revocation, 'follow'> {}

const denied = (): AccessError => new AccessError('access_denied', 'account, user, secret or address is not accepted');

/**
 * Log-in, CIDR rules, sessions and their revocation. Every wrong log-in gets one answer, after the same work: the row
 * is looked up, both factors are checked (against dummies where there are none), and only then the verdict is formed.
 */
export function createAccess(parts: AccessParts): AccessStage {
  const { accounts, sessions, events, serverKey, sealKey, adminCidrs = [], clock, log, metrics } = parts;
  const rows = createAccessRows(accounts, clock);
  const wrongCodes = createWrongCodes(accounts, clock);
  const credentials = createCredentials({ accounts, sessions, rows, wrongCodes, serverKey, sealKey, clock });
  const keys = {
    accounts,
    challenges: createPasskeyChallenges(serverKey),
    origins: parts.consoleOrigins ?? (() => []),
  };
  const proofs = createProofs({
    first: [
      ...createSecretFactors(accounts, serverKey),
      createPasskeyFactor({ ...keys, log }),
      ...(parts.factors ?? []),
    ],
    second: [
      createRecoveryFactor({ accounts, serverKey, clock }),
      createCodeFactor({ accounts, wrongCodes, sealKey, log }),
    ],
    tries: createLoginTries(accounts, serverKey, clock),
  });
  const revocation = createRevocation({ accounts, sessions, rows, clock, log });
  const refusedKeys = createRefusedKeys(clock);
  /** What requests outside of a session were granted on. */
  const granted = new WeakMap<Principal, AccessRow>();

  const isFromAllowed = ({ user, account }: AccessRow, address: string): boolean => {
    const realm = user.realm === 'admin' ? adminCidrs : [];
    return allowed(realm, address) && allowed(user.cidrs, address) && allowed(account?.cidrs ?? [], address);
  };

  /** Both realms are checked even though the look-up names one: a row of the other realm never opens anything. */
  const mayEnter = (row: AccessRow, realm: 'api' | 'admin', address: string): boolean => {
    const inside = isFromAllowed(row, address);
    return isEnabled(row) && inside && row.user.realm === realm;
  };

  const writeAudit = (session: string, row: AccessRow | undefined, address: string, detail: Record<string, unknown>) =>
    accounts.audit({
      at: clock.now(),
      actor: row?.user.id ?? 'unknown',
      address,
      account: row?.account?.id ?? null,
      action: session,
      object: row?.user.id ?? null,
      detail,
    });

  const refuse = async (
    session: Session,
    row: AccessRow | undefined,
    address: string,
    attempt: LoginAttempt,
    detail: Record<string, unknown> = {},
  ) => {
    await sessions.end(session.sid);
    metrics.count('logins_total', { result: 'denied', realm: attempt.realm });
    log.info({ realm: attempt.realm, user: row?.user.id ?? null }, 'log-in refused');
    await writeAudit('login.denied', row, address, { realm: attempt.realm, ...detail });
  };

  const noteInterception = async (row: AccessRow, login: SessionLogin): Promise<void> => {
    log.warn({ user: row.user.id }, 'a TLS proxy stands between this client and the gateway');
    if (row.account === null) return;
    const data = { user: row.user.id, refused: refusesInterception(row.account, login.tlsIntercepted) };
    await events.append(row.account.id, 'session.intercepted', null, data, clock.now());
  };

  const admit = async (session: Session, attempt: LoginAttempt, row: AccessRow, address: string, proof: Proof) => {
    const login: SessionLogin = {
      realm: row.user.realm,
      account: row.user.account,
      user: row.user.id,
      method: proof.method,
      address,
      provenAt: clock.now(),
      identity: null,
      passkey: null,
      ...proof.login,
      device: attempt.device,
      tlsIntercepted: tlsIntercepted(attempt.tlsLeaf, parts.tlsLeaves()),
      at: clock.now(),
      stamp: accessStamp(row, proof.login?.passkey ?? null),
    };
    const { realm, method } = login;
    const device = deviceMark(serverKey, row.user.id, login.device);
    const seen = { tlsIntercepted: login.tlsIntercepted, ...(device === undefined ? {} : { device }) };
    if (login.tlsIntercepted === 'yes') await noteInterception(row, login);
    if (refusesInterception(row.account, login.tlsIntercepted)) {
      await refuse(session, row, address, attempt, { method, ...seen });
      throw new AccessError('tls_proxy_refused', 'the account refuses sessions through a TLS proxy');
    }
    await writeAudit('login', row, address, { realm, method, ...seen, ...proof.detail });
    if (session.ended.aborted || !(await sessions.login(session.sid, login, clock.now()))) {
      throw new AccessError('session_ended', 'the session has ended');
    }
    metrics.count('logins_total', { result: 'ok', realm });
    return principal(row, session, address);
  };

  return {
    sessions,
    passkeys: createPasskeyDesk({ ...keys, sessions, rows, clock }),

    async login(session, attempt, address) {
      if (!(await sessions.tryLogin(session.sid))) throw denied();
      const proof = await proofs.check({ attempt, session, address, now: clock.now() }).catch(async (error) => {
        await sessions.end(session.sid);
        throw error;
      });
      const { row } = proof;
      if (row === undefined || !proof.right || !mayEnter(row, attempt.realm, address)) {
        await refuse(session, row, address, attempt, proof.tooSoon ? { tooSoon: true } : {});
        throw denied();
      }
      const missing = await proof.use();
      if (missing !== null) {
        await refuse(session, row, address, attempt, missing);
        throw denied();
      }
      if (!allowsSuite(row.account, session.suite)) {
        await refuse(session, row, address, attempt);
        throw new AccessError('suite_not_allowed', 'the 128-bit suite is not allowed here');
      }
      await proof.end();
      return admit(session, attempt, row, address, proof);
    },

    async authorize(session, address) {
      const { login } = session;
      if (login === null) throw new AccessError('access_denied', 'log in first');
      const row = await rows.row(login.user);
      if (row === undefined || !sessionHolds(row, session) || !isEnabled(row)) {
        await sessions.end(session.sid);
        throw new AccessError('session_ended', 'the session has ended');
      }
      if (!isFromAllowed(row, address)) throw denied();
      await sessions.touch(session.sid, clock.now());
      return principal(row, session, address);
    },

    async authorizeKey(secret, address) {
      const mac = apiSecretVerifier(serverKey, secret);
      const row = await accounts.accessBySecretMac(mac);
      const isRight = row !== undefined && isSecretOf(row, mac, clock.now());
      if (!isRight || !mayEnter(row, 'api', address)) {
        metrics.count('logins_total', { result: 'denied', realm: 'api' });
        if (isRight && refusedKeys.isNews(row.user.id))
          await writeAudit('login.denied', row, address, { realm: 'api', method: 'secret' });
        throw denied();
      }
      if (row.account?.policy.sealed !== 'optional') {
        throw new AccessError('sealed_required', 'this account accepts sealed sessions only');
      }
      // A key in each request leaves no place for a code that is right once.
      if (row.totp !== null)
        throw new AccessError('sealed_required', 'this user logs in with a code: sealed sessions only');
      const one = principal(row, null, address);
      granted.set(one, row);
      return one;
    },

    watch(one, end) {
      const row = granted.get(one);
      return row === undefined ? () => undefined : revocation.watch(row, end);
    },
    follow: revocation.follow,

    credentials,

    async prove(session, proof, address) {
      const { login } = session;
      const row = login === null ? undefined : await accounts.accessById(login.user);
      if (login === null || row === undefined) throw denied();
      const attempt: LoginAttempt = {
        ...proof,
        realm: login.realm,
        account: row.account?.name ?? null,
        user: row.user.name,
        device: login.device,
        tlsLeaf: null,
      };
      const proven = await proofs.check({ attempt, session, address, now: clock.now() });
      const right = proven.right && proven.row?.user.id === row.user.id && mayEnter(row, login.realm, address);
      const missing = right ? await proven.use() : proven.tooSoon ? { tooSoon: true } : {};
      if (missing !== null) {
        await writeAudit('step_up.denied', row, address, { method: proven.method, ...missing });
        throw denied();
      }
      await proven.end();
      const at = proven.login?.provenAt ?? clock.now();
      if (!(await sessions.update(session.sid, { provenAt: at })))
        throw new AccessError('session_ended', 'the session has ended');
      await writeAudit('step_up', row, address, { method: proven.method, ...proven.detail });
      return at;
    },

    ...createUserChanges({ accounts, sessions, rows, steps: credentials, serverKey, clock }),
  };
}

function principal(row: AccessRow, session: Session | null, address: string): Principal {
  return { user: row.user, account: row.account, session, address };
}

/** Whether the secret of a row that was found by it still is one: that before the present one ends at its time. */
function isSecretOf({ verifiers: { secretMac, oldSecret } }: AccessRow, mac: Uint8Array, now: number): boolean {
  if (secretMac !== null && constantTimeEqual(secretMac, mac)) return true;
  return oldSecret !== null && oldSecret !== undefined && oldSecret.until > now;
}

function isEnabled({ user, account, scopeDisabled }: AccessRow): boolean {
  if (user.disabled || scopeDisabled) return false;
  return user.realm === 'admin' || (account !== null && !account.disabled);
}
