import { useState } from 'preact/hooks';
import type { User, UserIdentity } from '../../client/browser.ts';
import {
  Button,
  Confirm,
  Dialog,
  Empty,
  Facts,
  FaultNotice,
  Form,
  Loading,
  Panel,
  SelectField,
  TextField,
  Time,
} from '../components/index.ts';
import { useAct, useLoad } from '../session.tsx';

/** Who somebody is at an OpenID provider; nothing where the gateway has none for such users and the user is nobody there. */
export function Identity({ user }: { readonly user: User }) {
  const [asked, setAsked] = useState<'link' | 'unlink' | undefined>(undefined);
  const loaded = useLoad(
    async (admin) => ({ identity: await admin.identityOf(user.id), providers: await admin.identityProviders() }),
    [user.id],
  );
  const act = useAct();
  const doors = (loaded.value?.providers ?? []).filter(({ opens }) => opens[user.realm]);
  const identity = loaded.value?.identity ?? null;
  if (loaded.value !== undefined && doors.length === 0 && identity === null) return null;
  const unlink = async () => {
    if (!(await act.run((admin) => admin.unlinkIdentity(user.id)))) return;
    setAsked(undefined);
    loaded.reload();
  };
  return (
    <Panel
      title="Identity provider"
      aside={
        <p class="actions">
          {doors.length === 0 ? null : (
            <Button onPress={() => setAsked('link')}>
              {identity === null ? 'Add an identity' : 'Another identity'}
            </Button>
          )}
          {identity === null ? null : <Button onPress={() => setAsked('unlink')}>Take it away</Button>}
        </p>
      }
    >
      <Loading from={loaded}>{() => <Known identity={identity} />}</Loading>
      {asked === 'link' ? (
        <Link
          user={user}
          doors={doors.map(({ name, title }) => [name, title])}
          onClose={() => setAsked(undefined)}
          onLinked={() => {
            setAsked(undefined);
            loaded.reload();
          }}
        />
      ) : null}
      {asked === 'unlink' ? (
        <Confirm
          title={`Take the identity of ${user.name} away`}
          verb="Take it away"
          danger
          busy={act.busy}
          onConfirm={() => void unlink()}
          onClose={() => setAsked(undefined)}
        >
          <FaultNotice fault={act.fault} />
          The provider opens nothing for this user any more, and the user’s sessions end.
        </Confirm>
      ) : null}
    </Panel>
  );
}

function Known({ identity }: { readonly identity: UserIdentity | null }) {
  if (identity === null) return <Empty title="Nobody at an identity provider" />;
  return (
    <Facts
      of={[
        ['Provider', identity.provider ?? 'one that the settings do not have any more'],
        ['Issuer', <code key="issuer">{identity.issuer}</code>],
        ['Subject', <code key="subject">{identity.subject}</code>],
        ['Added', <Time key="added" at={identity.createdAt} />],
      ]}
    />
  );
}

interface LinkParts {
  readonly user: User;
  /** Name and title of each provider. */
  readonly doors: readonly (readonly [string, string])[];
  readonly onClose: () => void;
  readonly onLinked: () => void;
}

function Link({ user, doors, onClose, onLinked }: LinkParts) {
  const [typed, setTyped] = useState({ provider: doors[0]?.[0] ?? '', subject: '' });
  const act = useAct();
  const submit = async () => {
    if (await act.run((admin) => admin.linkIdentity(user.id, { ...typed, subject: typed.subject.trim() }))) onLinked();
  };
  return (
    <Dialog title={`Who ${user.name} is at an identity provider`} onClose={onClose}>
      <Form label="Add an identity" onSubmit={() => void submit()}>
        <SelectField
          label="Provider"
          value={typed.provider}
          options={doors}
          onInput={(provider) => setTyped({ ...typed, provider })}
        />
        <TextField
          label="Subject"
          hint="`sub` of the provider’s tokens: the user’s object id there, not a name or an address."
          value={typed.subject}
          onInput={(subject) => setTyped({ ...typed, subject })}
          mono
          required
        />
        <FaultNotice fault={act.fault} />
        <p class="actions">
          <Button kind="main" type="submit" busy={act.busy}>
            Add it
          </Button>
          <Button onPress={onClose}>Leave it</Button>
        </p>
      </Form>
    </Dialog>
  );
}
