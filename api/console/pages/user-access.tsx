import { useState } from 'preact/hooks';
import type { TotpSecret, User } from '../../client/browser.ts';
import { NewAuthenticator } from '../components/authenticator.tsx';
import {
  Button,
  Confirm,
  Facts,
  FaultNotice,
  Form,
  Notice,
  Outcome,
  Panel,
  TextField,
  Time,
} from '../components/index.ts';
import { useMay } from '../rights.ts';
import { href } from '../router.ts';
import { useAct, useSession } from '../session.tsx';
import { UserState } from './account/users.tsx';
import { Addresses } from './addresses.tsx';
import { ApiSecret } from './api-secret.tsx';
import { ConnectionString } from './connection-string.tsx';
import { Sessions } from './me.tsx';
import { Scopes } from './scopes.tsx';
import { Identity } from './user-identity.tsx';

/** @see UserAccess */
export interface UserAccessParts {
  readonly user: User;
  readonly onChanged: () => void;
}

/** How somebody logs in: switch, secret, password, second step, key, addresses. Every change ends sessions of theirs. */
export function UserAccess({ user, onChanged }: UserAccessParts) {
  const { me } = useSession();
  const self = user.id === me.id;
  const mayChange = useMay(user.realm === 'api' ? 'admin' : 'owner', 'own');
  return (
    <>
      <Panel title="State" aside={self || !mayChange ? undefined : <Switch user={user} onChanged={onChanged} />}>
        {self ? (
          <Notice>
            This is you. Password, authenticator and passkeys are under <a href={href('/me')}>My sign-in</a>.
          </Notice>
        ) : null}
        <Facts
          of={[
            ['State', <UserState key="state" disabled={user.disabled} />],
            ['Id', <code key="id">{user.id}</code>],
            ['Second step', user.totp ? 'a time-based code' : 'none'],
            ['Log-in by a key', user.clientKey === null ? 'no' : 'yes'],
            ['Added', <Time key="added" at={user.createdAt} />],
          ]}
        />
      </Panel>
      {mayChange ? (
        <>
          <ConnectionString user={user} />
          {user.realm === 'api' ? (
            <>
              <ApiSecret user={user} onChanged={onChanged} />
              <Scopes user={user} onChanged={onChanged} />
            </>
          ) : null}
          {self ? null : (
            <>
              <Password user={user} />
              <SecondStep user={user} onChanged={onChanged} />
            </>
          )}
          <Panel title="From where">
            <Addresses
              cidrs={user.cidrs}
              hint={
                user.realm === 'api'
                  ? 'The list of the account holds as well.'
                  : 'From elsewhere nobody signs in as this administrator.'
              }
              own={self ? me.address : undefined}
              save={(admin, cidrs) => admin.changeUser(user.id, { cidrs })}
              onSaved={onChanged}
            />
          </Panel>
          <LogInKey user={user} onChanged={onChanged} />
          <Identity user={user} />
          {self ? null : <Sessions title="Sessions" user={user.id} />}
        </>
      ) : null}
    </>
  );
}

/** Nobody switches themselves off. */
function Switch({ user: { id, name, disabled }, onChanged }: { readonly user: User; readonly onChanged: () => void }) {
  const [asked, setAsked] = useState(false);
  const act = useAct();
  const change = async (off: boolean) => {
    if (!(await act.run((admin) => admin.changeUser(id, { disabled: off })))) return;
    setAsked(false);
    onChanged();
  };
  return (
    <div class="actions">
      {asked ? null : <FaultNotice fault={act.fault} />}
      {disabled ? (
        <Button busy={act.busy} onPress={() => void change(false)}>
          Enable
        </Button>
      ) : (
        <Button kind="danger" onPress={() => setAsked(true)}>
          Disable
        </Button>
      )}
      {asked ? (
        <Confirm
          title={`Disable ${name}`}
          verb="Disable"
          danger
          busy={act.busy}
          onConfirm={() => void change(true)}
          onClose={() => setAsked(false)}
        >
          <FaultNotice fault={act.fault} />
          <p>The user’s sessions end now, and nobody logs in as this user until it is enabled again.</p>
        </Confirm>
      ) : null}
    </div>
  );
}

function Password({ user }: { readonly user: User }) {
  const [password, setPassword] = useState('');
  const act = useAct();
  const submit = async () => {
    await act.run(async (admin) => {
      await admin.setPassword(user.id, password);
      return 'The password is set.';
    });
    setPassword('');
  };
  return (
    <Panel title="Password">
      <Form label="Password" onSubmit={() => void submit()}>
        <TextField
          label="New password"
          type="password"
          autocomplete="new-password"
          hint={`${user.totp ? '8' : '15'} characters or more. The user’s sessions end.`}
          value={password}
          error={act.fault?.fields['/password']}
          onInput={setPassword}
          required
        />
        <Outcome act={act} />
        <p class="actions">
          <Button type="submit" busy={act.busy}>
            Set the password
          </Button>
        </p>
      </Form>
    </Panel>
  );
}

/** Time-based codes: a secret that the user's authenticator gets, and that holds from its first code on. */
function SecondStep({ user, onChanged }: { readonly user: User; readonly onChanged: () => void }) {
  const [removing, setRemoving] = useState(false);
  const [offer, setOffer] = useState<TotpSecret | undefined>(undefined);
  const act = useAct();
  const begin = () => act.run(async (admin) => setOffer(await admin.enableTotp(user.id)));
  const remove = async () => {
    if (!(await act.run((admin) => admin.disableTotp(user.id)))) return;
    setRemoving(false);
    onChanged();
  };
  return (
    <Panel title="Second step">
      <p class="quiet">
        {user.totp ? 'Log-ins need a code of an authenticator.' : 'Log-ins need no code.'}{' '}
        {user.realm === 'admin' && !user.totp ? 'Administrators should have one; they may set it up themselves.' : null}
      </p>
      {removing ? null : <FaultNotice fault={act.fault} />}
      <p class="actions">
        <Button busy={act.busy} onPress={() => void begin()}>
          {user.totp ? 'Another authenticator' : 'Ask for a code'}
        </Button>
        {user.totp ? (
          <Button kind="danger" onPress={() => setRemoving(true)}>
            No code any more
          </Button>
        ) : null}
      </p>
      {removing ? (
        <Confirm
          title={`No code for ${user.name}`}
          verb="No code any more"
          danger
          busy={act.busy}
          onConfirm={() => void remove()}
          onClose={() => setRemoving(false)}
        >
          <FaultNotice fault={act.fault} />
          <p>The user’s sessions and recovery codes end.</p>
        </Confirm>
      ) : null}
      {offer === undefined ? null : (
        <NewAuthenticator
          offer={offer}
          advice={`Add it to the authenticator of ${user.name}, and give the first code that this one shows. The user’s sessions end then.`}
          confirm={(admin, code) => admin.confirmTotp(user.id, code)}
          onConfirmed={() => {
            setOffer(undefined);
            onChanged();
          }}
          onClose={() => setOffer(undefined)}
        />
      )}
    </Panel>
  );
}

/** Log-in by signature: the gateway knows the public key, and no secret is told at all. */
function LogInKey({ user: { id, clientKey }, onChanged }: { readonly user: User; readonly onChanged: () => void }) {
  const [key, setKey] = useState(clientKey ?? '');
  const act = useAct();
  const submit = async () => {
    const wanted = key.trim() === '' ? null : key.trim();
    const done = await act.run(async (admin) => {
      await admin.changeUser(id, { clientKey: wanted });
      return wanted === null ? 'There is no key any more.' : 'The key is set.';
    });
    if (done) onChanged();
  };
  return (
    <Panel title="Log-in by a key">
      <Form label="Log-in by a key" onSubmit={() => void submit()}>
        <TextField
          label="Public key"
          hint="P-521 (SPKI, base64url); empty: none. Whoever has the private key needs no secret and no password."
          value={key}
          error={act.fault?.fields['/clientKey']}
          onInput={setKey}
          rows={2}
          mono
        />
        <Outcome act={act} />
        <p class="actions">
          <Button type="submit" busy={act.busy} disabled={key.trim() === (clientKey ?? '')}>
            Save the key
          </Button>
        </p>
      </Form>
    </Panel>
  );
}
