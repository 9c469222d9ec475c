import { useState } from 'preact/hooks';
import type { Passkey } from '../../client/browser.ts';
import {
  Button,
  Confirm,
  Dialog,
  Empty,
  FaultNotice,
  Form,
  Loading,
  Notice,
  Outcome,
  Panel,
  Table,
  TextField,
  Time,
} from '../components/index.ts';
import { havePasskeys, makePasskey } from '../passkey-keeper.ts';
import { type Act, useAct, useLoad } from '../session.tsx';

/** The passkeys of whoever is signed in: seen, added, named and removed. */
export function Passkeys() {
  const found = useLoad((admin) => admin.passkeys.list(), []);
  const [adding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState<Passkey | undefined>(undefined);
  const [removing, setRemoving] = useState<Passkey | undefined>(undefined);
  const act = useAct();
  const here = havePasskeys(location.hostname);
  const done = () => {
    setAdding(false);
    setRenaming(undefined);
    setRemoving(undefined);
    found.reload();
  };
  const open = (show: () => void) => {
    act.clear();
    show();
  };
  return (
    <Panel
      title="Passkeys"
      aside={here ? <Button onPress={() => open(() => setAdding(true))}>Add a passkey</Button> : undefined}
    >
      <p>
        A passkey signs you in without name, password and code: the device asks for your finger, your face or its PIN,
        and answers to this gateway alone.
      </p>
      {here ? null : (
        <Notice>
          Passkeys need a browser that has them, and an address with a host name: open the console by one of the
          gateway’s names instead of an IP address.
        </Notice>
      )}
      {act.done === '' ? null : <Outcome act={act} />}
      <Loading from={found}>
        {(passkeys) => (
          <PasskeyTable
            passkeys={passkeys}
            onRename={(one) => open(() => setRenaming(one))}
            onRemove={(one) => open(() => setRemoving(one))}
          />
        )}
      </Loading>
      {adding ? <AddPasskey act={act} onDone={done} onClose={() => setAdding(false)} /> : null}
      {renaming === undefined ? null : (
        <RenamePasskey act={act} passkey={renaming} onDone={done} onClose={() => setRenaming(undefined)} />
      )}
      {removing === undefined ? null : (
        <RemovePasskey
          act={act}
          passkey={removing}
          remove={(admin) => admin.passkeys.remove(removing.id)}
          onDone={done}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </Panel>
  );
}

/** Passkeys of another administrator, for owners: what is lost or stolen is removed. */
export function PasskeysOf({ user }: { readonly user: { readonly id: string; readonly name: string } }) {
  const found = useLoad((admin) => admin.passkeysOf(user.id), [user.id]);
  const [removing, setRemoving] = useState<Passkey | undefined>(undefined);
  const act = useAct();
  const done = () => {
    setRemoving(undefined);
    found.reload();
  };
  return (
    <Panel title="Passkeys">
      {act.done === '' ? null : <Outcome act={act} />}
      <Loading from={found}>
        {(passkeys) => <PasskeyTable passkeys={passkeys} onRemove={(one) => setRemoving(one)} />}
      </Loading>
      {removing === undefined ? null : (
        <RemovePasskey
          act={act}
          passkey={removing}
          remove={(admin) => admin.removePasskeyOf(user.id, removing.id)}
          onDone={done}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </Panel>
  );
}

function PasskeyTable({
  passkeys,
  onRename,
  onRemove,
}: {
  readonly passkeys: readonly Passkey[];
  readonly onRename?: (passkey: Passkey) => void;
  readonly onRemove: (passkey: Passkey) => void;
}) {
  return (
    <Table
      caption="Passkeys"
      quiet
      columns={[
        { heading: 'Name', cell: ({ name }) => name },
        { heading: 'For', cell: ({ host }) => host },
        { heading: 'Kept', wide: true, cell: ({ synced }) => (synced ? 'copied between devices' : 'on one device') },
        { heading: 'Added', wide: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
        { heading: 'Last used', cell: ({ usedAt }) => (usedAt === null ? 'never' : <Time at={usedAt} />) },
        {
          heading: 'Change',
          cell: (one) => (
            <span class="actions">
              {onRename === undefined ? null : (
                <Button kind="quiet" label={`Rename ${one.name}`} onPress={() => onRename(one)}>
                  Rename
                </Button>
              )}
              <Button kind="quiet" label={`Remove ${one.name}`} onPress={() => onRemove(one)}>
                Remove
              </Button>
            </span>
          ),
        },
      ]}
      rows={passkeys}
      rowKey={({ id }) => id}
      empty={<Empty title="No passkey yet" />}
    />
  );
}

/** @see AddPasskey */
interface ChangeParts {
  readonly act: Act;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function AddPasskey({ act, onDone, onClose }: ChangeParts) {
  const [name, setName] = useState('');
  const submit = async () => {
    const added = await act.run(async ({ passkeys }) => {
      const made = await makePasskey(await passkeys.begin());
      await passkeys.add({ ...made, name });
      return `${name} signs you in from now on.`;
    });
    if (added) onDone();
  };
  return (
    <Dialog title="Add a passkey" onClose={onClose}>
      <Form label="Add a passkey" onSubmit={() => void submit()}>
        <p>The browser asks where to keep it. Give it a name by which you know the device again.</p>
        <NameField value={name} act={act} onInput={setName} />
        <FaultNotice fault={act.fault} />
        <p class="actions">
          <Button kind="main" type="submit" busy={act.busy}>
            {act.busy ? 'Waiting for the passkey…' : 'Make it'}
          </Button>
          <Button onPress={onClose}>Leave it</Button>
        </p>
      </Form>
    </Dialog>
  );
}

function RenamePasskey({ act, passkey, onDone, onClose }: ChangeParts & { readonly passkey: Passkey }) {
  const [name, setName] = useState(passkey.name);
  const submit = async () => {
    if (await act.run(({ passkeys }) => passkeys.rename(passkey.id, name).then(() => `It is called ${name} now.`)))
      onDone();
  };
  return (
    <Dialog title={`Rename ${passkey.name}`} onClose={onClose}>
      <Form label="Rename" onSubmit={() => void submit()}>
        <NameField value={name} act={act} onInput={setName} />
        <FaultNotice fault={act.fault} />
        <p class="actions">
          <Button kind="main" type="submit" busy={act.busy}>
            Rename
          </Button>
          <Button onPress={onClose}>Leave it as it is</Button>
        </p>
      </Form>
    </Dialog>
  );
}

function NameField({
  value,
  act,
  onInput,
}: {
  readonly value: string;
  readonly act: Act;
  readonly onInput: (name: string) => void;
}) {
  const error = act.fault?.fields['/name'];
  return <TextField label="Name" value={value} error={error} onInput={onInput} required />;
}

function RemovePasskey({
  act,
  passkey,
  remove,
  onDone,
  onClose,
}: ChangeParts & { readonly passkey: Passkey; readonly remove: Parameters<Act['run']>[0] }) {
  const confirm = async () => {
    const removed = await act.run(async (admin) => {
      await remove(admin);
      return `${passkey.name} opens nothing any more.`;
    });
    if (removed) onDone();
  };
  return (
    <Confirm
      title={`Remove ${passkey.name}`}
      verb="Remove"
      danger
      busy={act.busy}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <FaultNotice fault={act.fault} />
      <p>It opens nothing from now on, and sessions that were opened with it end. The device itself keeps its half.</p>
    </Confirm>
  );
}
