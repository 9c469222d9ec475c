import { useState } from 'preact/hooks';
import type { LoginMethod, LoginSession, SignInFacts, TotpSecret } from '../../client/browser.ts';
import { NewAuthenticator } from '../components/authenticator.tsx';
import {
  Button,
  Confirm,
  Empty,
  Facts,
  FaultNotice,
  Form,
  Loading,
  Mark,
  Outcome,
  PageHead,
  Panel,
  Table,
  TextField,
  Time,
} from '../components/index.ts';
import { Copied, ShownOnce } from '../components/secret.tsx';
import { type Loaded, useAct, useLoad, useSession } from '../session.tsx';
import { OwnNotices } from './notices.tsx';
import { Passkeys } from './passkeys.tsx';

/** How somebody may have signed in, in words. */
const METHODS: Readonly<Record<LoginMethod, string>> = {
  ...{ secret: 'API secret', password: 'password', key: 'key', passkey: 'passkey' },
  ...{ oidc: 'identity provider', token: 'token of an identity provider' },
};

/** What the person in front of the page signs in with. */
export function MySignIn() {
  const { me } = useSession();
  const facts = useLoad((admin) => admin.signIn.facts(), []);
  return (
    <>
      <PageHead title="My sign-in" />
      <Loading from={facts}>
        {(known) => (
          <>
            <Panel title={me.name}>
              <Facts
                of={[
                  ['Role', me.scope === null ? me.role : `${me.role} of ${me.scope.name}`],
                  ['Signed in by', METHODS[known.method]],
                  ['Last proof that it is you', <Time key="proven" at={known.provenAt} />],
                  ['Password', known.password ? 'yes' : 'none'],
                  ['Second step', <SecondStepMark key="step" facts={known} />],
                  ['Seen from', <code key="from">{me.address}</code>],
                ]}
              />
            </Panel>
            <Passkeys />
            <div class="columns">
              <Authenticator facts={known} onChanged={facts.reload} />
              <Password facts={known} onChanged={facts.reload} />
            </div>
          </>
        )}
      </Loading>
      <Sessions title="Where I am signed in" />
      <OwnNotices />
    </>
  );
}

function SecondStepMark({ facts }: { readonly facts: SignInFacts }) {
  if (facts.totp) return <Mark kind="good">authenticator</Mark>;
  if (facts.passkeys > 0) return <Mark kind="good">passkey</Mark>;
  return <Mark kind="warning">none</Mark>;
}

/** @see Authenticator */
interface ChangeParts {
  readonly facts: SignInFacts;
  readonly onChanged: () => void;
}

/** Time-based codes and what stands in for them when the telephone is lost. */
function Authenticator({ facts, onChanged }: ChangeParts) {
  const [offer, setOffer] = useState<TotpSecret | undefined>(undefined);
  const [codes, setCodes] = useState<readonly string[] | undefined>(undefined);
  const [removing, setRemoving] = useState(false);
  const act = useAct();
  const begin = () => act.run(async ({ signIn }) => setOffer(await signIn.newAuthenticator()));
  const makeCodes = () => act.run(async ({ signIn }) => setCodes(await signIn.newRecoveryCodes()));
  const confirmed = async () => {
    setOffer(undefined);
    onChanged();
    if (facts.recoveryCodes === 0) await makeCodes();
  };
  const kept = () => {
    setCodes(undefined);
    onChanged();
  };
  const remove = async () => {
    const done = await act.run(async ({ signIn }) => {
      await signIn.removeAuthenticator();
      return 'Your log-ins need no code any more.';
    });
    if (!done) return;
    setRemoving(false);
    onChanged();
  };
  return (
    <Panel title="Authenticator">
      <p>
        {facts.totp
          ? `Your password opens nothing without a code. Recovery codes left: ${facts.recoveryCodes} of 10.`
          : 'With an app that shows six digits, your password alone opens nothing any more.'}
      </p>
      {facts.totp && facts.recoveryCodes < 3 ? (
        <p>
          <Mark kind="warning">few recovery codes</Mark> Make new ones: they are the way in when the telephone is lost.
        </p>
      ) : null}
      {removing ? null : <Outcome act={act} />}
      <p class="actions">
        <Button kind={facts.totp ? 'plain' : 'main'} busy={act.busy} onPress={() => void begin()}>
          {facts.totp ? 'Another authenticator' : 'Set up an authenticator'}
        </Button>
        {facts.totp ? (
          <>
            <Button busy={act.busy} onPress={() => void makeCodes()}>
              New recovery codes
            </Button>
            <Button kind="danger" onPress={() => setRemoving(true)}>
              Remove it
            </Button>
          </>
        ) : null}
      </p>
      {offer === undefined ? null : (
        <NewAuthenticator
          offer={offer}
          advice="Read the code with your authenticator, and give the first six digits that it shows. Your other sessions end then."
          confirm={(admin, code) => admin.signIn.confirmAuthenticator(code)}
          onConfirmed={() => void confirmed()}
          onClose={() => setOffer(undefined)}
        />
      )}
      {codes === undefined ? null : <RecoveryCodes codes={codes} onClose={kept} />}
      {removing ? (
        <Confirm
          title="Sign in without a code"
          verb="Remove the authenticator"
          danger
          busy={act.busy}
          onConfirm={() => void remove()}
          onClose={() => setRemoving(false)}
        >
          <FaultNotice fault={act.fault} />
          <p>From then on your password alone opens the console. Your recovery codes and your other sessions end.</p>
        </Confirm>
      ) : null}
    </Panel>
  );
}

function RecoveryCodes({ codes, onClose }: { readonly codes: readonly string[]; readonly onClose: () => void }) {
  return (
    <ShownOnce
      title="Ten recovery codes"
      secrets={[]}
      advice="Print them or write them down, and keep them apart from your password. Each stands in for a code of the authenticator, once. Earlier ones open nothing any more."
      onClose={onClose}
    >
      <ol class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <Copied label="All ten of them" text={codes.join('\n')} hidden />
    </ShownOnce>
  );
}

function Password({ facts, onChanged }: ChangeParts) {
  const [typed, setTyped] = useState({ password: '', again: '' });
  const act = useAct();
  const differs = typed.again !== '' && typed.again !== typed.password;
  const submit = async () => {
    if (typed.again !== typed.password) return;
    const done = await act.run(async ({ signIn }) => {
      await signIn.setPassword(typed.password);
      return 'Your password is changed. Your other sessions have ended.';
    });
    if (!done) return;
    setTyped({ password: '', again: '' });
    onChanged();
  };
  if (facts.method === 'oidc') return <NoPassword />;
  return (
    <Panel title="Password">
      <Form label="New password" onSubmit={() => void submit()}>
        <TextField
          label="New password"
          type="password"
          autocomplete="new-password"
          hint={`${facts.totp ? '8' : '15'} characters or more. Several words that only you put together are better than signs and digits.`}
          value={typed.password}
          error={act.fault?.fields['/password']}
          onInput={(password) => setTyped({ ...typed, password })}
          required
        />
        <TextField
          label="The same again"
          type="password"
          autocomplete="new-password"
          value={typed.again}
          error={differs ? 'These are two different passwords.' : undefined}
          onInput={(again) => setTyped({ ...typed, again })}
          required
        />
        {act.fault?.fields['/password'] === undefined ? <Outcome act={act} /> : null}
        <p class="actions">
          <Button type="submit" busy={act.busy} disabled={typed.password === '' || typed.again !== typed.password}>
            Change my password
          </Button>
        </p>
      </Form>
    </Panel>
  );
}

/** What ends at the provider has to end here. */
function NoPassword() {
  return (
    <Panel title="Password">
      <p>You signed in by an identity provider. An owner may give you a password or another way in.</p>
    </Panel>
  );
}

/** Sessions of whoever is signed in, or of another user. */
export function Sessions({ title, user }: { readonly title: string; readonly user?: string }) {
  const found = useLoad((admin) => admin.signIn.sessions(user), [user]);
  const act = useAct();
  const end = async (id: string | undefined) => {
    await act.run(async ({ signIn }) => {
      await (id === undefined ? signIn.endSessions(user) : signIn.endSession(id, user));
      return id === undefined ? 'The sessions have ended.' : 'The session has ended.';
    });
    found.reload();
  };
  return (
    <Panel title={title} aside={<EndAll found={found} own={user === undefined} onPress={() => void end(undefined)} />}>
      <Outcome act={act} />
      <Loading from={found}>
        {(sessions) => (
          <Table
            caption={title}
            quiet
            columns={[
              { heading: 'Since', cell: ({ at }) => <Time at={at} /> },
              { heading: 'From', cell: ({ address }) => <code>{address}</code> },
              { heading: 'With', wide: true, cell: ({ device }) => (device === '' ? '–' : device) },
              { heading: 'By', wide: true, cell: ({ method }) => METHODS[method] },
              { heading: 'End it', cell: (one) => <EndOne session={one} onPress={() => void end(one.id)} /> },
            ]}
            rows={sessions}
            rowKey={({ id }) => id}
            empty={<Empty title="Nobody is signed in" />}
          />
        )}
      </Loading>
    </Panel>
  );
}

function EndAll(parts: {
  readonly found: Loaded<LoginSession[]>;
  readonly own: boolean;
  readonly onPress: () => void;
}) {
  const others = (parts.found.value ?? []).filter(({ current }) => !current);
  if (others.length === 0) return null;
  return <Button onPress={parts.onPress}>{parts.own ? 'End all others' : 'End all'}</Button>;
}

function EndOne({ session, onPress }: { readonly session: LoginSession; readonly onPress: () => void }) {
  if (session.current) return <Mark kind="good">this one</Mark>;
  return (
    <Button kind="quiet" label={`End the session from ${session.address}`} onPress={onPress}>
      End
    </Button>
  );
}
