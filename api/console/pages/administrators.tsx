import { useState } from 'preact/hooks';
import type { Account, Role, User } from '../../client/browser.ts';
import {
  Button,
  FaultNotice,
  Form,
  Loading,
  Notice,
  Outcome,
  PageHead,
  Panel,
  SelectField,
  TextField,
} from '../components/index.ts';
import { BOUND_TOPICS, TOPICS } from '../notice-topics.ts';
import type { PageParts } from '../pages.tsx';
import { href } from '../router.ts';
import { may, useAct, useLoad, useSession } from '../session.tsx';
import { UserTable } from './account/users.tsx';
import { NoticeSettings } from './notices.tsx';
import { PasskeysOf } from './passkeys.tsx';
import { UserAccess } from './user-access.tsx';

const ROLES: readonly (readonly [Role, string])[] = [
  ['auditor', 'auditor: looks, sees no pages and no whole numbers'],
  ['operator', 'operator: daily work, such as pausing and approving'],
  ['admin', 'admin: changes accounts, users, numbers and covers'],
  ['owner', 'owner: changes administrators and keys too'],
];

/** Who administers the gateway. */
export function Administrators() {
  const { me } = useSession();
  const found = useLoad((admin) => Promise.all([admin.administrators(), admin.accounts()]), []);
  return (
    <>
      <PageHead title="Administrators" />
      <Panel title="Who may administer">
        <Loading from={found}>
          {([users]) => <UserTable users={users} hrefOf={({ id }) => href('/administrators/:user', { user: id })} />}
        </Loading>
      </Panel>
      {may(me, 'owner') ? (
        <AddAdministrator accounts={found.value?.[1] ?? []} onAdded={found.reload} />
      ) : (
        <Notice>Owners alone add and change administrators.</Notice>
      )}
    </>
  );
}

/** Roles as they may be chosen: an owner is never bound to one account. */
function RoleFields({
  role,
  scope,
  accounts,
  onInput,
}: {
  readonly role: Role;
  /** Id; empty: all accounts. */
  readonly scope: string;
  readonly accounts: readonly Account[];
  readonly onInput: (role: Role, scope: string) => void;
}) {
  const chosen = (text: string) => ROLES.find(([one]) => one === text)?.[0] ?? 'auditor';
  return (
    <>
      <SelectField
        label="Role"
        value={role}
        options={ROLES}
        onInput={(text) => onInput(chosen(text), text === 'owner' ? '' : scope)}
      />
      <SelectField
        label="For"
        value={scope}
        disabled={role === 'owner'}
        options={[['', 'all accounts'], ...accounts.map(({ id, name }) => [id, `${name} alone`] as const)]}
        onInput={(id) => onInput(role, id)}
      />
    </>
  );
}

const NOBODY = { name: '', password: '', role: 'operator' as Role, scope: '' };

function AddAdministrator({
  accounts,
  onAdded,
}: {
  readonly accounts: readonly Account[];
  readonly onAdded: () => void;
}) {
  const [typed, setTyped] = useState(NOBODY);
  const act = useAct();
  const wrong = act.fault?.fields ?? {};
  const submit = async () => {
    const { scope, ...rest } = typed;
    const done = await act.run(async (admin) => {
      await admin.createAdministrator({ ...rest, scope: scope === '' ? null : scope });
      return `${rest.name} may log in. Ask for a code of an authenticator on the page of the user.`;
    });
    if (!done) return;
    setTyped(NOBODY);
    onAdded();
  };
  return (
    <Panel title="Add an administrator">
      <Form label="Add an administrator" onSubmit={() => void submit()}>
        <TextField
          label="Name"
          value={typed.name}
          error={wrong['/name']}
          onInput={(name) => setTyped({ ...typed, name })}
          required
        />
        <TextField
          label="First password"
          type="password"
          autocomplete="new-password"
          value={typed.password}
          error={wrong['/password']}
          onInput={(password) => setTyped({ ...typed, password })}
          required
        />
        <RoleFields
          role={typed.role}
          scope={typed.scope}
          accounts={accounts}
          onInput={(role, scope) => setTyped({ ...typed, role, scope })}
        />
        <Outcome act={act} />
        <p class="actions">
          <Button type="submit" busy={act.busy}>
            Add the administrator
          </Button>
        </p>
      </Form>
    </Panel>
  );
}

/** One administrator. */
export function Administrator({ parameters }: PageParts) {
  const id = parameters.user ?? '';
  const { me } = useSession();
  const found = useLoad(
    async (admin) => {
      const [users, accounts] = await Promise.all([admin.administrators(), admin.accounts()]);
      return { user: users.find((one) => one.id === id), accounts };
    },
    [id],
  );
  return (
    <>
      <PageHead title={`Administrator ${found.value?.user?.name ?? ''}`.trim()}>
        <a href={href('/administrators')}>All administrators</a>
      </PageHead>
      <Loading from={found}>
        {({ user, accounts }) =>
          user === undefined ? (
            <Notice kind="warning" title="There is no such administrator." />
          ) : (
            <>
              {may(me, 'owner') ? null : <Notice>Owners alone change administrators.</Notice>}
              <Rank user={user} accounts={accounts} onChanged={found.reload} />
              <UserAccess user={user} onChanged={found.reload} />
              {may(me, 'owner') ? <AdministratorNotices user={user} /> : null}
              {may(me, 'owner') && user.id !== me.id ? <PasskeysOf user={user} /> : null}
            </>
          )
        }
      </Loading>
    </>
  );
}

function AdministratorNotices({ user: { id, scope } }: { readonly user: User }) {
  return (
    <NoticeSettings
      title="Notices by mail"
      always="To these addresses the administrator is told of log-ins from a new network, with a new device or after refused ones, and of every change of how it logs in."
      topics={scope === null ? TOPICS.map(([topic]) => topic) : BOUND_TOPICS}
      read={(admin) => admin.mail.of(id)}
      save={(admin, wish) => admin.mail.setOf(id, wish)}
    />
  );
}

/** Role and account. Nobody changes their own: the last owner could not be made again. */
function Rank({
  user,
  accounts,
  onChanged,
}: {
  readonly user: User;
  readonly accounts: readonly Account[];
  readonly onChanged: () => void;
}) {
  const { me } = useSession();
  const [typed, setTyped] = useState({ role: user.role ?? ('auditor' as Role), scope: user.scope ?? '' });
  const act = useAct();
  const submit = async () => {
    const { role, scope } = typed;
    const done = await act.run(async (admin) => {
      await admin.changeUser(user.id, { role, scope: scope === '' ? null : scope });
      return 'The role is changed.';
    });
    if (done) onChanged();
  };
  if (user.id === me.id)
    return (
      <Panel title="Role">
        <p>
          You are {me.role}, for {me.scope === null ? 'all accounts' : me.scope.name}. Another owner may change it.
        </p>
      </Panel>
    );
  return (
    <Panel title="Role">
      <Form label="Role" onSubmit={() => void submit()}>
        <RoleFields
          role={typed.role}
          scope={typed.scope}
          accounts={accounts}
          onInput={(role, scope) => setTyped({ role, scope })}
        />
        <p class="actions">
          <Button
            type="submit"
            busy={act.busy}
            disabled={typed.role === user.role && typed.scope === (user.scope ?? '')}
          >
            Change
          </Button>
        </p>
      </Form>
      {act.fault === undefined ? <Outcome act={act} /> : <FaultNotice fault={act.fault} />}
    </Panel>
  );
}
