import { useState } from 'preact/hooks';
import type { Scope, User } from '../../../client/browser.ts';
import {
  Button,
  CheckField,
  Empty,
  FaultNotice,
  Form,
  Loading,
  Mark,
  Panel,
  Table,
  TextField,
  Time,
} from '../../components/index.ts';
import { ShownOnce } from '../../components/secret.tsx';
import { counted } from '../../format.ts';
import { useMay } from '../../rights.ts';
import { href } from '../../router.ts';
import { useAct, useLoad } from '../../session.tsx';
import type { AccountParts } from '../account.tsx';
import { SCOPES, ScopeFields } from '../scopes.tsx';

/** Programs and people who send and receive for an account. */
export function AccountUsers({ account: { id, name } }: AccountParts) {
  const users = useLoad((admin) => admin.users(id), [id]);
  return (
    <>
      <Panel title="Users">
        <Loading from={users}>
          {(items) => (
            <UserTable
              users={items}
              hrefOf={(user) => href('/accounts/:account/users/:user', { account: name, user: user.id })}
            />
          )}
        </Loading>
      </Panel>
      {useMay('admin', 'own') ? <AddUser account={id} onAdded={users.reload} /> : null}
    </>
  );
}

/** Users of either realm. */
export function UserTable({
  users,
  hrefOf,
}: {
  readonly users: readonly User[];
  readonly hrefOf: (user: User) => string;
}) {
  return (
    <Table
      caption={counted(users.length, 'user')}
      empty={<Empty title="No users">Nobody can log in. Add a user for the program that sends and receives.</Empty>}
      rows={users}
      rowKey={({ id }) => id}
      columns={[
        { heading: 'User', cell: (user) => <a href={hrefOf(user)}>{user.name}</a> },
        { heading: 'State', cell: ({ disabled }) => <UserState disabled={disabled} /> },
        ...(users.some(({ role }) => role !== null)
          ? [{ heading: 'Role', cell: ({ role }: User) => role ?? '–' }]
          : []),
        { heading: 'Second step', cell: ({ totp }) => (totp ? 'code' : '–') },
        { heading: 'From', cell: ({ cidrs }) => (cidrs.length === 0 ? 'everywhere' : cidrs.join(', ')), wide: true },
        { heading: 'Added', cell: ({ createdAt }) => <Time at={createdAt} />, wide: true },
      ]}
    />
  );
}

export function UserState({ disabled }: { readonly disabled: boolean }) {
  return disabled ? <Mark kind="bad">disabled</Mark> : <Mark kind="good">may log in</Mark>;
}

function AddUser({ account, onAdded }: { readonly account: string; readonly onAdded: () => void }) {
  const [{ name, withPassword, password }, setTyped] = useState({ name: '', withPassword: false, password: '' });
  const [scopes, setScopes] = useState<readonly Scope[]>(SCOPES.map(([scope]) => scope));
  const [secret, setSecret] = useState<string | undefined>(undefined);
  const act = useAct();
  const wrong = act.fault?.fields ?? {};
  const submit = async () => {
    const done = await act.run(async (admin) => {
      const made = await admin.createUser(account, { name, scopes, ...(withPassword ? { password } : {}) });
      setSecret(made.secret ?? undefined);
    });
    if (!done) return;
    setTyped({ name: '', withPassword: false, password: '' });
    onAdded();
  };
  return (
    <Panel title="Add a user">
      <Form label="Add a user" onSubmit={() => void submit()}>
        <TextField
          label="Name"
          value={name}
          error={wrong['/name']}
          onInput={(text) => setTyped({ name: text, withPassword, password })}
          required
        />
        <CheckField
          label="With a password"
          hint="Programs are better off with the secret that the gateway makes."
          checked={withPassword}
          onInput={(yes) => setTyped({ name, withPassword: yes, password: '' })}
        />
        {withPassword ? (
          <TextField
            label="Password"
            type="password"
            autocomplete="new-password"
            value={password}
            error={wrong['/password']}
            onInput={(text) => setTyped({ name, withPassword, password: text })}
            required
          />
        ) : null}
        <fieldset class="several">
          <legend>What it may do</legend>
          <ScopeFields value={scopes} onInput={setScopes} />
        </fieldset>
        <FaultNotice fault={act.fault} />
        <p class="actions">
          <Button type="submit" busy={act.busy} disabled={scopes.length === 0}>
            Add the user
          </Button>
        </p>
      </Form>
      {secret === undefined ? null : (
        <ShownOnce
          title="Secret of the new user"
          secrets={[['Secret', secret]]}
          advice="Give it to the program now; the gateway keeps only what checks it."
          onClose={() => setSecret(undefined)}
        />
      )}
    </Panel>
  );
}
