import { useEffect, useState } from 'preact/hooks';
import {
  type BrowserOptions,
  connectAdmin,
  formatConnectionString,
  type Proof,
  type SignInDoor,
} from '../../client/browser.ts';
import { Button, FaultNotice, Form, Notice, ProviderDoors, TextField } from '../components/index.ts';
import type { SignedIn } from '../console.tsx';
import { type Fault, faultOf } from '../faults.ts';
import {
  deviceName,
  forgetGateway,
  gatewayFrom,
  type KnownGateway,
  rememberedGateway,
  rememberGateway,
  statementMemory,
} from '../gateway-memory.ts';
import { havePasskeys, signInWithPasskey } from '../passkey-keeper.ts';
import { claimReturn, leaveFor, type Returned } from '../provider-trip.ts';
import { createStepUpDesk } from '../step-up.ts';

/** @see SignIn */
export interface SignInParts {
  /** Why the last session ended; empty at the first visit. */
  readonly why: string;
  readonly onSignedIn: (signedIn: SignedIn) => void;
}

/** What a person types. It is gone when the form is. */
interface Typed {
  readonly connection: string;
  readonly user: string;
  readonly password: string;
  readonly code: string;
}

/** Sign-in of an administrator: the gateway proves itself by its pin before it is told anything. */
export function SignIn({ why, onSignedIn }: SignInParts) {
  const [known, setKnown] = useState(() => rememberedGateway(localStorage));
  const [typed, setTyped] = useState<Typed>({ connection: '', user: known?.user ?? '', password: '', code: '' });
  const [fault, setFault] = useState<Fault | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const type = (change: Partial<Typed>) => setTyped((before) => ({ ...before, ...change }));

  const enter = (gateway: KnownGateway, signedIn: Omit<SignedIn, 'host'>) => {
    rememberGateway(localStorage, { ...gateway, user: signedIn.me.name });
    onSignedIn({ ...signedIn, host: gateway.host });
  };
  const submit = async (way: 'password' | 'passkey' | Returned | SignInDoor) => {
    setBusy(true);
    setFault(undefined);
    try {
      if (typeof way === 'object' && 'proof' in way) return enter(way.gateway, await signInBack(way));
      const found = known ?? gatewayFrom(typed.connection, location.hostname);
      if (typeof way === 'object') return await leaveFor(way, found);
      const user = typed.user.trim() === '' ? found.user : typed.user.trim();
      enter(found, way === 'passkey' ? await signInByPasskey(found) : await signIn({ ...found, user }, typed));
    } catch (error) {
      setFault(faultOf(error));
      type({ code: '' });
      setBusy(false);
    }
  };

  useEffect(() => {
    const returned = claimReturn();
    if (returned !== undefined) void submit(returned);
  }, []);

  return (
    <main class="sign-in" id="main">
      <h1>Sealfax console</h1>
      {why === '' || fault !== undefined ? null : <Notice>{why}</Notice>}
      <FaultNotice fault={fault} />
      <Form label="Sign in" onSubmit={() => void submit('password')}>
        {known === undefined ? (
          <TextField
            label="Connection string of an administrator, or pin of the root key"
            hint="The gateway wrote it when it first started: sealfax://admin:owner@…?pin=…. It holds no secret; this browser keeps it."
            value={typed.connection}
            onInput={(connection) => type({ connection, ...userIn(connection) })}
            rows={3}
            mono
            required
          />
        ) : (
          <Gateway
            known={known}
            onForget={() => {
              forgetGateway(localStorage);
              setKnown(undefined);
            }}
          />
        )}
        <TextField
          label="User"
          value={typed.user}
          onInput={(user) => type({ user })}
          autocomplete="username"
          required
        />
        <TextField
          label="Password"
          type="password"
          value={typed.password}
          onInput={(password) => type({ password })}
          autocomplete="current-password"
          required
        />
        <TextField
          label="Code of the authenticator"
          hint="Six digits, or one of your recovery codes; leave it empty when your user has none."
          value={typed.code}
          onInput={(code) => type({ code })}
          autocomplete="one-time-code"
        />
        <p class="actions">
          <Button kind="main" type="submit" busy={busy}>
            {busy ? 'Signing in…' : 'Sign in'}
          </Button>
          {havePasskeys(location.hostname) ? (
            <Button disabled={busy} onPress={() => void submit('passkey')}>
              Use a passkey
            </Button>
          ) : null}
        </p>
      </Form>
      <ProviderDoors disabled={busy} onChoose={(door) => void submit(door)} />
    </main>
  );
}

/** The user that a pasted connection string names, when it is one. */
function userIn(connection: string): Partial<Typed> {
  try {
    const { user } = gatewayFrom(connection, location.hostname);
    return user === '' ? {} : { user };
  } catch {
    return {};
  }
}

function Gateway({ known, onForget }: { readonly known: KnownGateway; readonly onForget: () => void }) {
  return (
    <div class="known">
      <p>
        Gateway <strong>{known.host}</strong>, known by its root key{' '}
        <code title={known.pins.join(' ')}>{known.pins[0]?.slice(0, 12)}…</code>
      </p>
      <Button kind="quiet" onPress={onForget}>
        Another gateway
      </Button>
    </div>
  );
}

/** @throws ClientError, ApiProblem */
function signIn(gateway: KnownGateway, { password, code }: Typed) {
  return logIn(gateway, password, code.trim() === '' ? {} : { totp: () => code });
}

/** The passkey says whose it is: the name in the connection string is nobody's. @throws ClientError, ApiProblem */
function signInByPasskey(gateway: KnownGateway) {
  return logIn({ ...gateway, user: 'passkey' }, { passkey: signInWithPasskey });
}

/** The provider says who it is, as the passkey does. @throws ClientError, ApiProblem */
async function signInBack({ gateway, proof }: Returned) {
  return logIn({ ...gateway, user: 'identity' }, proof());
}

/** One log-in over this page's own origin. */
async function logIn({ pins, host, user }: KnownGateway, proof: Proof, options: BrowserOptions = {}) {
  const connection = formatConnectionString({ account: 'admin', user, host, port: 443, pins });
  const stepUp = createStepUpDesk();
  const admin = connectAdmin(connection, proof, {
    device: deviceName(localStorage),
    stepUp: stepUp.ask,
    origin: location.origin,
    memory: statementMemory(localStorage),
    renew: false,
    ...options,
  });
  try {
    return { admin, me: await admin.me(), stepUp };
  } catch (error) {
    await admin.close();
    throw error;
  }
}
